"""Files that prove a verification. The bytes lie in the home folder, the row says whose they are and what they are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shuqiao.kernel.ids import new_id


class VerificationFile(models.Model):
    """One file of a verification, for its two departments only. Its name on disk is its id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey("sharing.Verification", models.PROTECT, related_name="files")
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    added_by_name = models.CharField("附上的人", max_length=64)
    added_on = models.DateField("附上日期")

    class Meta:
        ordering = ["added_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["verification", "sha256"], name="verification_file_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="verification_file_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
