"""Registration on the open platform, for whoever is outside government (Shenyang 26, Dongchangfu 25)."""
