"""What is mounted on a catalogue entry: tables, their uploads, their immutable versions, and the bureau's re-check.

Owns uploads, versions and who may see them. Does not own the entry (catalog), how a file is read (store),
nor who may read rows (delivery).
"""
