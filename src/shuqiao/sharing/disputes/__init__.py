"""Disputes between the two sides of sharing: negotiation, the bureau, the government; the result is carried out here.

Owns the case and its statements. Requests and grants change only through their own functions.
"""
