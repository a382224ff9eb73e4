"""Small components that stand on a page fifty times, most of them alike: drawn once, then taken from memory.

What is kept is told by every argument, and by its type: a text that is markup already is another value than the same
text from a person. What lies inside an argument does not count with its type.
"""

from __future__ import annotations

from functools import lru_cache

KEPT = 2_000
remembered = lru_cache(maxsize=KEPT, typed=True)
