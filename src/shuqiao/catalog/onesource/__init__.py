"""One source per datum: reads, rules and duties about doubles, source departments and emergency collection."""
