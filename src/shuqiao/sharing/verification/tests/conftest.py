"""A published table of three firms, two grants of it, reads in the evidence, and verifications in every state."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shuqiao.accounts.types import PLATFORM
from shuqiao.delivery import services as delivery
from shuqiao.delivery.tests.factories import order_of
from shuqiao.journal import Record, Writer
from shuqiao.kernel import Article
from shuqiao.kernel.decision import allow
from shuqiao.kernel.time import now
from shuqiao.resources.tests import factories
from shuqiao.sharing.models import Verification
from shuqiao.sharing.verification import queries, services
from shuqiao.sharing.verification.types import Asked, Citizen, Claim, Finding

if TYPE_CHECKING:
    from shuqiao.organizations.tests.factories import City

ON = date(2026, 3, 2)
KEY = "91210800MA0U000011"
OTHER = "91210800MA0U000022"
ITEMS = ("统一社会信用代码", "企业名称", "地区", "法人代表")
FIRMS = (
    (KEY, "营口甲公司", "营口", "张三"),
    (OTHER, "营口乙公司", "营口", "李四"),
    ("91210100MA0U000033", "沈阳丙公司", "沈阳", "王五"),
)
YES = allow("sharing.scope.not_wider", "按申请同意", Article("yingkou-2022", "20"))


def text_of(*rows: tuple[str, ...]) -> str:
    return "\n".join(",".join(row) for row in (ITEMS, *rows)) + "\n"


@dataclass
class Table:
    """The table, and short ways to go on with it."""

    city: City
    resource: Any
    folder: Path

    def publish(self, **changed: str) -> Any:
        """The next version: for these keys another 法人代表; `None` leaves the row out."""
        rows = [
            (*row[:3], changed.get(row[0], row[3])) for row in FIRMS if changed.get(row[0], "") is not None
        ]
        version = factories.publish(
            self.city, factories.upload_text(self.city, self.resource, text_of(*rows), self.folder)
        )
        self.resource.refresh_from_db()
        return version

    def grant(self, department: Any, **order: Any) -> Any:
        columns = {"columns": tuple((name, "none") for name in ITEMS), "where": ()} | order
        return delivery.issue_grant(
            actor=PLATFORM, order=order_of(self.resource, department.id, valid_from=ON, **columns), decision=YES, on=ON
        )  # fmt: skip


@pytest.fixture
def table(city: City, tmp_path: Path) -> Table:
    made = Table(city, factories.mount(city, ITEMS), tmp_path)
    made.publish()
    return made


@pytest.fixture
def grant(table: Table) -> Any:
    return table.grant(table.city.consumer)


_names = itertools.count()


def read(home: Path, grant: Any, query: str, *, rows: int = 1, action: str = "lookup") -> None:
    """A read that the gateway answered, in the evidence."""
    with Writer(home / "journal", f"gw{next(_names)}") as writer:
        writer.append_sync(
            Record(
                kind="read", at=now().isoformat(timespec="milliseconds"), grant=str(grant.id) if grant else "open",
                key="k1", resource=str(grant.resource_id), action=action, rows=rows, query=query,
            )
        )  # fmt: skip


def asked_of(
    *claims: Claim,
    reason: str = "与营业执照不符",
    proof: str = "营业执照副本",
    citizen: Citizen | None = None,
) -> Asked:
    given = claims or (Claim((KEY,), "法人代表", "赵六"),)
    return Asked(("统一社会信用代码",), given, reason, proof, citizen)


Ask = Callable[..., Verification]


@pytest.fixture
def ask(city: City, grant: Any) -> Ask:
    def step(*claims: Claim, on: date = ON, **more: Any) -> Verification:
        return services.ask_verification(
            actor=city.actor("consumer-cataloguer"), grant_id=grant.id, asked=asked_of(*claims, **more), on=on
        )

    return step


def accept(
    city: City, verification: Verification, *found: Finding, on: date = ON, **more: Any
) -> Verification:
    """The provider finds every field wrong, or what is given."""
    fields = queries.fields_of(verification)
    findings = found or tuple(Finding("wrong", one.believed) for one in fields)
    values = {"reason": "登记档案记载如此", "correct_by": on + timedelta(days=3)} | more
    return services.accept_verification(
        actor=city.actor("provider-approver"),
        verification_id=verification.id,
        found={one.id: finding for one, finding in zip(fields, findings, strict=True)},
        on=on,
        **values,
    )
