"""What a reviewer looks for, run beforehand. Each check is a pure function of what is known of a revision; it
answers with the article that asks for it or, where no text does, the element of the national guide (1272)."""

from shuqiao.catalog.review_checks.checks import CHECKS, Check, Known, Tone, run
from shuqiao.catalog.review_checks.gathering import known_of

__all__ = ["CHECKS", "Check", "Known", "Tone", "known_of", "run"]
