"""Cases that belong to somebody outside government."""

from __future__ import annotations

from django.db import models

from shuqiao.kernel.ids import new_id
from shuqiao.procedures.models.cases import CaseRow


class OwnCase(CaseRow):
    """A case of the public: whose it is, and the hash of the code that shows it without an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("organizations.Party", models.PROTECT, null=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    opened_on = models.DateField("提出日期")

    class Meta:
        ordering = ["-opened_on", "-id"]
        indexes = [models.Index(fields=["party", "-opened_on"])]
        constraints = [
            models.UniqueConstraint(fields=["case_kind", "case_id"], name="one_owner_per_case"),
            models.UniqueConstraint(fields=["case_number"], name="one_owned_case_per_number"),
        ]

    def __str__(self) -> str:
        return self.case_number
