"""Pages of grants, keys and receipts."""
