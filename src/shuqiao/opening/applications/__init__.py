"""Open applications: what is open on application, asked for by anybody registered, answered within the regime's term,
opened by an agreement, followed up, and revoked on breach (Yingkou 29, Shenyang 26, Dongchangfu 25)."""
