"""The public's list of its cases, over the procedures of all apps."""

from __future__ import annotations

from shuqiao.opening.mine.queries import lines_of
from shuqiao.procedures import owning
from shuqiao.sharing.outside import services
from shuqiao.sharing.outside.tests.conftest import (  # noqa: F401 - two of them are fixtures
    COMPANY,
    MONDAY,
    OFFICER,
    agree,
    apply,
    confirm,
    consent,
    consult,
    table,
)


def test_the_list_of_own_cases_says_where_an_application_from_outside_stands(city, apply):  # noqa: F811
    """The words of `OutsideStatus`, read from the last event by an app that does not know this one."""
    case = apply()

    def stands() -> tuple[str, str]:
        case.refresh_from_db()
        (line,) = lines_of(owning.list_own_cases(case.party_id))
        return line.state, line.tone

    assert stands() == (case.get_status_display(), case.tone)
    for verb in (consult, consent, agree):
        verb(city, case)
        assert stands() == (case.get_status_display(), case.tone), verb
    confirm(city, case, OFFICER)
    assert stands() == (case.get_status_display(), case.tone)
    confirm(city, case, COMPANY)
    assert stands() == ("已按协议开通", "jade")
    services.revoke_outside(
        actor=city.actor(OFFICER), request_id=case.id, breach="转售", ground="协议", on=MONDAY
    )
    assert stands() == (case.get_status_display(), case.tone)
