"""Rows of the open platform: reviews before opening, applications, feedback, works."""
