"""Divisions (a tree, each with its regime), departments, who works where, filed contacts (备案).

Does not own accounts (below) nor any case (above). Yingkou 5-8, 39; Shenyang 4, 5, 37; Decree 809 8, 11.
"""
