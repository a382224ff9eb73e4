"""Agreements of open applications: drawn up from a versioned text, frozen, confirmed by both sides."""
