"""Works built on open data, shown with the data they use (Dongchangfu 26)."""
