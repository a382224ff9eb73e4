"""The catalogue (目录): entries, their revisions and data items, import, review and publication.

Owns what a department says it has and on what conditions. Does not own the data (resources, above), who gets it
(sharing, delivery, above) nor clocks and inboxes (procedures, below). Yingkou 11-19, Shenyang 12-19,
Dongchangfu 13-19, Decree 809 Art. 11-19.
"""
