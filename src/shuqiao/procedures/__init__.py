"""Running terms (期限), inbox (待办), notices, case numbers and the event rows of every step.

Knows cases only by `CaseRef`; the app that owns the case (catalog, resources, sharing, delivery) calls down.
"""
