"""Sharing in an emergency: the bureau declares it, opens entries to named departments at once and for its time only,
and reviews afterwards what was opened and read (Yingkou 33)."""
