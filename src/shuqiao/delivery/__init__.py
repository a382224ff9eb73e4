"""Grants, application keys, the grant book and receipts: what a decision to share turns into for machines.

Does not decide who may have what (sharing does, and hands over its `Decision`), serves no row of data (the
gateway does, from the book written here), and never reads a sharing request.
"""
