"""我的事项: one's own cases with their clocks, and any case of the public by number and code."""
