"""Every step that changes what somebody can see of an entry is numbered, in the order of the commits."""

from __future__ import annotations

import pytest
from django.db import transaction

from shuqiao.catalog import services
from shuqiao.catalog.models import EntryChange
from shuqiao.catalog.services.changes import note_change
from shuqiao.catalog.tests import factories
from shuqiao.catalog.types import Change

pytestmark = pytest.mark.django_db


def kinds(entry) -> str:
    """The changes of an entry in their order."""
    return "".join(EntryChange.objects.filter(entry_id=entry.pk).values_list("kind", flat=True))


def test_the_life_of_an_entry(city):
    entry = factories.published(city)
    assert kinds(entry) == "TTI", "drafted, submitted, published"
    services.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=entry.pk, reason="职责划出", on=factories.ON
    )
    assert kinds(entry) == "TTID"


def test_numbers_have_no_gaps_and_a_step_that_fails_takes_none(city):
    entry = factories.published(city)
    before = list(EntryChange.objects.values_list("seq", flat=True))
    assert before == list(range(1, len(before) + 1))

    with transaction.atomic():
        note_change(entry, Change.UPDATED)
        transaction.set_rollback(True)
    note_change(entry, Change.UPDATED)
    assert list(EntryChange.objects.values_list("seq", flat=True)) == [*before, len(before) + 1]
