"""Demands for data that no entry of the catalogue offers: posted, assigned, answered, followed to a published entry.

Owns the demand and who else needs it. Entries belong to the catalogue.
"""
