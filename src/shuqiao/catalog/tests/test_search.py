"""Searching the catalogue: what is found, by whom, in which order, and what a search costs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuqiao.accounts.types import ANONYMOUS, PLATFORM, Actor, Post, Role
from shuqiao.catalog import queries, search, services
from shuqiao.catalog.life.freshness import judge
from shuqiao.catalog.models import ChangeCounter, Entry, EntryChange, Revision
from shuqiao.catalog.search import View, index, knowing
from shuqiao.catalog.tests.factories import ON, content, draft, published, submitted
from shuqiao.catalog.types import EntryFilters
from shuqiao.kernel import InvalidInput, NotAllowed, NotFound
from shuqiao.kernel.time import now, today
from shuqiao.organizations.models import Department
from shuqiao.procedures.models import Event
from shuqiao.procedures.types import CaseKind, E


def titles(city, words: str, *, who: str = "stranger", view: View = View.SHARED, **asked) -> list[str]:
    actor = city.actor(who) if who else ANONYMOUS
    found = search.find(actor, EntryFilters(words=words, **asked), view=view)
    assert found.total == len(found.hits)
    return [] if found.loose else [hit.title for hit in found.hits]


def test_words_parts_of_words_english_codes_and_initials_find(city):
    published(
        city, title="行政处罚信息", summary="Penalty decisions 2023", english_name="Administrative Penalty"
    )
    published(city, title="不动产登记", summary="房屋与土地", classification="307002")
    assert titles(city, "行政处罚") == ["行政处罚信息"]
    assert titles(city, "政处") == ["行政处罚信息"]
    assert titles(city, "罚") == ["行政处罚信息"]
    assert titles(city, "PENALTY") == ["行政处罚信息"]
    assert titles(city, "penal") == ["行政处罚信息"]
    assert titles(city, "xzcf") == ["行政处罚信息"]
    assert titles(city, "bdcdj") == ["不动产登记"]
    assert titles(city, "dj") == ["不动产登记"]
    assert titles(city, "xingzheng") == ["行政处罚信息"]
    assert titles(city, "307002") == ["不动产登记"]
    assert titles(city, "土地 不动产") == ["不动产登记"]
    assert set(titles(city, "")) == {"行政处罚信息", "不动产登记"}


@pytest.mark.article("yingkou-2022", "30")
@pytest.mark.article("shenyang-2020", "27")
def test_the_public_view_never_finds_what_it_may_not_show(city):
    hidden = replace(content().items[3], name="心理评估结论", opening_type="closed")
    published(
        city,
        title="封闭的名录",
        summary="秘不示人",
        opening_basis="《某法》第十条",
        opening_basis_level="law",
    )
    published(
        city,
        title="公开的名录",
        opening_type="unconditional",
        opening_method="download",
        items=(*content().items[:3], hidden),
    )
    assert titles(city, "秘不示人", who="") == []
    assert titles(city, "心理评估", who="") == []
    assert titles(city, "心理评估") == ["公开的名录"]
    assert titles(city, "秘不示人") == ["封闭的名录"]
    assert titles(city, "封闭", who="") == ["封闭的名录"]
    assert titles(city, "某法", who="") == ["封闭的名录"]
    assert set(titles(city, "名录", who="")) == {"封闭的名录", "公开的名录"}
    assert titles(city, "", who="", formats=("database",)) == ["公开的名录"]
    assert titles(city, "", who="", freshness=("fresh", "near", "overdue", "unknown")) == ["公开的名录"]
    found = search.public_page_of(EntryFilters(words="名录"), number=1, per_page=20)
    shut = next(result for result in found.page if result.title == "封闭的名录")
    assert (shut.summary, shut.code, shut.format_label, shut.items_marked) == ("", "", "", [])


def test_drafts_are_found_by_their_department_only(city):
    draft(city, title="还没有报送的")
    submitted(city, title="已经报送的", classification="307002")
    assert titles(city, "报送") == []
    assert set(titles(city, "报送", who="provider-cataloguer", view=View.OWN)) == {
        "还没有报送的",
        "已经报送的",
    }
    assert titles(city, "报送", who="consumer-cataloguer", view=View.OWN) == []
    assert titles(city, "报送", who="bureau-reviewer", view=View.SEEN) == ["已经报送的"]
    assert titles(city, "报送", who="shenyang-bureau", view=View.SEEN) == []
    mine = queries.list_revisions_for(city.actor("provider-cataloguer"), words="还没有")
    assert [revision.title for revision in mine] == ["还没有报送的"]


ROLES_DRAWN = st.lists(st.tuples(st.sampled_from(list(Role)), st.integers(0, 2)), max_size=3)


def test_the_index_shows_exactly_what_the_database_says_is_visible(city):
    departments = [city.provider, city.consumer]
    for number, department in enumerate(departments):
        for state in ("draft", "submitted", "published", "withdrawn", "revised"):
            entry_in(city, state, department, number)
    everything = Entry.objects.count()
    divisions = [city.yingkou.code, city.shenyang.code, city.dongchangfu.code]

    @settings(max_examples=60, deadline=None)
    @given(ROLES_DRAWN, st.sampled_from(["person", "nobody", "platform"]))
    def same(drawn, kind):
        posts = tuple(
            Post(role, departments[at % 2].id, "", divisions[at], frozenset({divisions[at]}))
            for role, at in drawn
        )
        actor = {"nobody": ANONYMOUS, "platform": PLATFORM}.get(kind) or Actor(uuid4(), "某人", posts)
        found = search.find(actor, EntryFilters(), view=View.SEEN, limit=1_000, facets=False)
        assert set(found.entry_ids) == set(Entry.objects.visible_to(actor).values_list("pk", flat=True))
        shared = search.find(actor, EntryFilters(), limit=1_000, facets=False)
        in_force = Entry.objects.visible_to(actor).filter(published__isnull=False)
        assert sorted(shared.entry_ids) == sorted(in_force.values_list("pk", flat=True))
        own = search.find(actor, EntryFilters(), view=View.OWN, limit=1_000, facets=False)
        assert set(own.revision_ids) == set(queries.list_revisions_for(actor).values_list("pk", flat=True))

    same()
    assert everything == 10


def entry_in(city, state, department, number):
    """An entry of a department brought to a state by rows: what a department may do is tested elsewhere."""
    revision = draft(city, title=f"{state}{number}", classification=f"30700{number + 1}")
    Entry.objects.filter(pk=revision.entry_id).update(department=department, division=department.division_id)
    if state == "draft":
        return
    revision.status, revision.signed_on, revision.case_number = "submitted", ON, f"号{state}{number}"
    revision.save()
    entry = revision.entry
    Entry.objects.filter(pk=entry.pk).update(was_submitted=True)
    if state == "submitted":
        return
    Revision.objects.filter(pk=revision.pk).update(
        status="withdrawn" if state == "withdrawn" else "published"
    )
    if state != "withdrawn":
        Entry.objects.filter(pk=entry.pk).update(published=revision.pk, code=f"c{state}{number}")
    if state == "revised":
        Revision.objects.create(entry=entry, number=2, status="draft", title="下一版")


def test_a_value_with_a_space_does_not_say_who_finds_the_entry(city):
    revision = draft(city, title="还没有报送的")
    Revision.objects.filter(pk=revision.pk).update(format_category="x seen:public")
    assert titles(city, "报送", who=None, view=View.SEEN) == []


def test_when_nothing_has_all_words_what_has_some_is_found(city):
    published(city)
    found = search.find(city.actor("stranger"), EntryFilters(words="登记 火星"))
    assert found.loose
    assert [hit.title for hit in found.hits] == ["企业登记信息"]


def catch_up_elsewhere(home, database: str, *more: str) -> subprocess.Popen:
    """Another process over the same home and database that catches the index up."""
    script = (
        "import django, sys; django.setup()\n"
        "from shuqiao.catalog.search import catching_up, documents, index\n" + "\n".join(more) + "\n"
        "print(catching_up.current().state.seq)"
    )
    env = os.environ | {
        "SHUQIAO_HOME": str(home), "SHUQIAO_DATABASE_URL": f"sqlite:///{database}", "SHUQIAO_HTTPS": "0",
        "DJANGO_SETTINGS_MODULE": "shuqiao.settings", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.crash
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the database file")
def test_kill_9_while_catching_up_leaves_an_index_that_goes_on(city, home, tmp_path):
    for number in range(6):
        published(city, title=f"企业名录{number}")
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(connection.connection.serialize())
    slow = (
        "catching_up.BATCH, catching_up.COMMIT_EVERY = 1, 1",
        "import os, signal",
        "seen, put = [], catching_up._put",
        "def once(writer, **which):",
        "    put(writer, **which); seen.append(1)",
        "    if len(seen) == 4: os.kill(os.getpid(), signal.SIGKILL)",
        "catching_up._put = once",
    )
    killed = catch_up_elsewhere(home, str(copy), *slow)
    killed.communicate(timeout=120)
    assert killed.returncode == -9
    half = index.reader()
    assert half.state.after
    assert half.searcher.num_docs == 3 * 2 + 1  # three entries committed in two views each, and the state
    both = [catch_up_elsewhere(home, str(copy)) for _ in range(2)]
    last = {process.communicate(timeout=120)[0].strip() for process in both}
    assert last == {str(ChangeCounter.objects.get().last)}
    assert set(titles(city, "企业名录")) == {f"企业名录{number}" for number in range(6)}


def test_a_change_is_found_by_the_next_search(city):
    entry = published(city, title="旧的名称")
    assert titles(city, "旧的名称") == ["旧的名称"]
    services.withdraw_entry(
        actor=city.actor("provider-approver"), entry_id=entry.id, reason="不再需要", on=ON
    )
    assert titles(city, "旧的名称") == []


def test_a_department_is_found_by_its_new_name_without_a_new_index(city, monkeypatch):
    published(city)
    monkeypatch.setattr(knowing, "NAMES_SECONDS", -1.0)
    assert titles(city, "登记 大数据发展") == []
    Department.objects.filter(pk=city.provider.pk).update(name="营口市大数据发展中心")
    assert titles(city, "登记 大数据发展") == ["企业登记信息"]


def test_another_state_of_the_database_makes_the_index_anew(city):
    published(city, title="备份之前")
    assert titles(city, "备份") == ["备份之前"]
    EntryChange.objects.update(at=EntryChange.objects.first().at + timedelta(days=1))
    Revision.objects.update(title="备份之后")
    ChangeCounter.objects.update(last=F("last") - 1)
    assert titles(city, "备份") == ["备份之后"]


def test_a_damaged_index_is_made_anew(city, home):
    published(city)
    assert titles(city, "企业") == ["企业登记信息"]
    index._readers.clear()
    for path in index.root().glob("g*/*.store"):
        path.write_bytes(b"")
    assert titles(city, "企业") == ["企业登记信息"]
    (index.root() / "current").write_text("nonsense")
    assert titles(city, "企业") == ["企业登记信息"]


def test_synonyms_find_for_one_another_from_the_next_search_on(city):
    published(city, title="最低生活保障对象")
    published(city, title="公共租赁住房", classification="307002")
    assert titles(city, "低保") == ["最低生活保障对象"]
    assert titles(city, "公租房") == []
    reviewer = city.actor("bureau-reviewer")
    kept = services.save_synonyms(actor=reviewer, words=["公租房", "公共租赁住房"], at=now())
    assert titles(city, "公租房") == ["公共租赁住房"]
    services.remove_synonyms(actor=reviewer, group_id=kept.id)
    assert titles(city, "公租房") == []
    told = Event.objects.filter(case_kind=CaseKind.SYNONYMS, case_id=kept.id).order_by("id")
    assert [(event.type, event.actor_name) for event in told] == [
        (E.SYNONYMS_SAVED, reviewer.name),
        (E.SYNONYMS_REMOVED, reviewer.name),
    ]
    assert all(event.data["words"] == ["公租房", "公共租赁住房"] for event in told)
    with pytest.raises(NotFound):
        services.remove_synonyms(actor=reviewer, group_id=kept.id)
    with pytest.raises(NotAllowed):
        services.save_synonyms(actor=city.actor("provider-approver"), words=["甲", "乙"], at=now())
    for words in (["一个"], ["词" * 31, "另一个"], [str(number) for number in range(21)]):
        with pytest.raises(InvalidInput):
            services.save_synonyms(actor=reviewer, words=words, at=now())


def test_the_exact_title_comes_first_then_titles_that_begin_so(city):
    published(city, title="市级企业名录与企业名录汇总", summary="企业名录 企业名录 企业名录")
    published(city, title="企业名录附表", classification="307002")
    published(city, title="企业名录", summary="一", classification="307003")
    assert titles(city, "企业名录") == ["企业名录", "企业名录附表", "市级企业名录与企业名录汇总"]
    assert titles(city, "企业名录", order="title") == sorted(titles(city, "企业名录"))
    assert titles(city, "企业名录", order="code")[1] == "企业名录附表"


def test_what_was_meant(city):
    published(city, title="行政处罚信息")
    published(city, title="Enterprise list", classification="307002")

    def meant(words):
        asked = EntryFilters(words=words)
        return search.page_of(city.actor("stranger"), asked, number=1, per_page=20).meant

    assert meant("行正处罚") == "行政处罚"
    assert meant("entreprize") == ""  # two letters away
    assert meant("enterprize") == "enterprise"
    assert meant("行政处罚") == ""
    assert (
        search.did_you_mean(
            ANONYMOUS, EntryFilters(words="x"), search.find(ANONYMOUS, EntryFilters(words="x"))
        )
        == ""
    )


def test_what_was_meant_is_never_something_hidden(city):
    draft(city, title="行政处罚信息")
    answer = search.page_of(city.actor("stranger"), EntryFilters(words="行正处罚"), number=1, per_page=20)
    assert answer.meant == ""


def test_suggestions_begin_with_what_is_typed_and_are_visible(city):
    published(city, title="房屋产权信息")
    published(city, title="全市房屋普查", classification="307002")
    draft(city, title="房屋草稿")
    stranger = city.actor("stranger")
    assert search.suggest(stranger, "房屋") == ["房屋产权信息", "全市房屋普查"]
    assert search.suggest(stranger, "fwcq") == ["房屋产权信息"]
    assert search.suggest(stranger, " ") == []
    assert search.suggest(stranger, "没有") == []


def test_facets_are_counted_without_their_own_choice(city):
    published(city)
    published(city, title="房屋", sharing_type="conditional", classification="307002")
    found = search.find(city.actor("stranger"), EntryFilters(sharing=("conditional",)))
    assert found.total == 1
    assert dict(found.facets["sharing"]) == {"conditional": 1, "unconditional": 1}
    assert found.facets["departments"] == [(str(city.provider.id), 1)]
    assert sum(count for _, count in found.facets["freshness"]) == 1


@pytest.mark.parametrize(
    ("cycle", "updated", "state"),
    [("daily", 0, "fresh"),
        ("daily", 1, "near"), ("monthly", 0, "fresh"), ("monthly", 26, "near"), ("monthly", 31, "near"),
     ("monthly", 32, "overdue"), ("irregular", 3, "unknown"), ("never", 900, "fresh"), ("yearly", None, "unknown")],
)  # fmt: skip
def test_freshness_is_what_the_life_of_entries_says(city, cycle, updated, state):
    day = today() - timedelta(days=updated) if updated is not None else None
    entry = published(city)
    Revision.objects.filter(pk=entry.published_id).update(update_cycle=cycle)
    Entry.objects.filter(pk=entry.pk).update(data_updated_on=day)
    found = search.find(city.actor("stranger"), EntryFilters())
    assert found.facets["freshness"] == [(state, 1)]
    assert judge(cycle, day, today()).state == state
    assert titles(city, "", freshness=(state,)) == ["企业登记信息"]


def test_marks_are_the_only_markup(city):
    published(
        city, title="<b>企业</b>登记", summary='<script>alert("企业")</script>' + "长" * 200 + "企业在后"
    )
    answer = search.page_of(city.actor("stranger"), EntryFilters(words="企业"), number=1, per_page=20)
    result = answer.page[0]
    assert result.title_marked == "&lt;b&gt;<mark>企业</mark>&lt;/b&gt;登记"
    assert "<script" not in result.summary_marked
    assert "<mark>企业</mark>名称" in result.items_marked


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_an_ordinary_question(city, words):
    answer = search.page_of(city.actor("stranger"), EntryFilters(words=words), number="9", per_page=20)
    assert (
        answer.found.total
        <= search.page_of(city.actor("stranger"), EntryFilters(), number="1", per_page=20).found.total
    )
    assert len(search.suggest(ANONYMOUS, words)) <= 8


@pytest.mark.parametrize(
    "words", ["长" * 5_000, "a" * 5_000, "\0\x01", "' OR 1=1 --", "*:*", "title:x~2", "(" * 500, "🚌 公交"]
)
def test_odd_words_find_nothing_and_break_nothing(city, words):
    published(city)
    assert titles(city, words) == []


def test_a_page_of_a_search_costs_few_queries(city, django_assert_max_num_queries):
    for number in range(4):
        published(city, title=f"企业名录{number}")
    stranger = city.actor("stranger")
    search.page_of(stranger, EntryFilters(words="企业"), number=1, per_page=20)
    with django_assert_max_num_queries(1):
        search.page_of(stranger, EntryFilters(words="企业", kinds=("department",)), number=1, per_page=20)


def test_an_empty_answer_leads_to_the_demand_form(city, client_of):
    published(city)
    page = client_of("consumer-cataloguer").get("/catalog/", {"q": "火星探测"})
    assert "/sharing/demands/new/?q=%E7%81%AB%E6%98%9F%E6%8E%A2%E6%B5%8B" in page.content.decode()
    found = client_of("consumer-cataloguer").get("/catalog/", {"q": "企业"})
    assert "/sharing/demands/new/?q=" not in found.content.decode()


def test_titles_about_nothing_else_come_before_those_that_only_begin_so(city):
    published(city, title="公园绿地方案审批情况")
    published(city, title="营口市公园信息", classification="307002")
    published(city, title="公园公园公园客流", classification="307003")
    assert titles(city, "公园")[0] == "营口市公园信息"
