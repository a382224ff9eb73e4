"""Rows of filings: a provider that must end or change a running service files it first (Decree 27)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.delivery.types import FILING_MOVES, FilingKind, FilingState
from shuqiao.kernel.ids import new_id
from shuqiao.kernel.moves import check_move


class StopFiling(models.Model):
    """What the provider filed with the bureau: why, what was negotiated, from when. One open per grant and kind."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey("delivery.Grant", models.PROTECT, related_name="filings")
    kind = models.CharField("事项", max_length=16, choices=FilingKind.choices)
    state = models.CharField("状态", max_length=16, choices=FilingState.choices, default=FilingState.FILED)
    reason = models.CharField("理由", max_length=300)
    negotiation = models.CharField("协商情况", max_length=500)
    effective_on = models.DateField("生效日期")
    filed_on = models.DateField("备案日期")
    filed_by_name = models.CharField("报送人", max_length=64)
    at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "kind"], condition=Q(state="filed"), name="one_open_filing"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(negotiation=""), name="filing_says_why_and_how"
            ),
            models.CheckConstraint(
                condition=Q(effective_on__gte=models.F("filed_on")), name="filing_before_effect"
            ),
            models.CheckConstraint(
                condition=Q(state="filed", closed_on=None) | (~Q(state="filed") & Q(closed_on__isnull=False)),
                name="filing_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.kind} {self.effective_on}"

    def move_to(self, wanted: FilingState) -> None:
        """The only way to another state. Raises IllegalMove."""
        self.state = check_move(FILING_MOVES, FilingState(self.state), wanted, what="备案")
