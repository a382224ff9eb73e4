"""People who log in: authentication, the permissions enum and the roles table.

Owns users, login failures and what a role may do. Does not own where a person works (organizations).
"""
