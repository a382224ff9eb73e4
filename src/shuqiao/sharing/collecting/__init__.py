"""Check before collecting: what a department wants to collect is looked up in the catalogue, answered and recorded."""
