"""Sharing requests: one department asks another for named items and rows, the other answers under the clock.

Decides; does not deliver (delivery turns a yes into a grant) and knows no row of data but the few of a preview.
"""
