"""The life of entries after publication: what changed, what is due, what was confirmed, how fresh the data is."""
