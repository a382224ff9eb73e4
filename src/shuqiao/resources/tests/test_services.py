"""Every step: works, stranger, not allowed, rule refused, twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from shuqiao.kernel import IllegalMove, InvalidInput, NotAllowed, NotFound, RuleRefused
from shuqiao.kernel.ids import new_id
from shuqiao.organizations.tests.factories import City
from shuqiao.procedures import queries as procedures
from shuqiao.procedures.models import InboxItem, Notice
from shuqiao.procedures.types import E
from shuqiao.resources import jobs, previewing, previews, queries, receiving, services, structure
from shuqiao.resources.models import Resource, Version
from shuqiao.resources.tests import factories
from shuqiao.resources.tests.factories import AT, SMALL, TODAY
from shuqiao.resources.types import Mode, PersonalDecision, Status
from shuqiao.store import Query, Scope, Store

pytestmark = pytest.mark.django_db


def mount(city: City, who: str, entry_id, name: str = "登记表") -> Resource:
    return services.mount_resource(
        actor=city.actor(who), entry_id=entry_id, name=name, modes=(Mode.INTERFACE,), at=AT
    )


@pytest.mark.article("yingkou-2022", "18")
class TestMounting:
    def test_works_and_is_recorded(self, city):
        resource = factories.mount(city)
        assert resource.modes == ["interface", "file"]
        event = procedures.Event.objects.get(type=E.RESOURCE_MOUNTED)
        assert event.case_id == resource.id
        assert "yingkou-2022:18" in event.decision["basis"]

    def test_not_on_an_entry_that_is_not_published(self, city):
        entry = factories.make_entry(city.provider, ("代码",), published=False)
        with pytest.raises(RuleRefused) as refused:
            mount(city, "provider-cataloguer", entry.id)
        decision = refused.value.decision
        assert decision.rule == "resources.recheck"
        assert decision.basis

    def test_not_on_an_entry_of_another_department(self, city):
        entry = factories.make_entry(city.provider, ("代码",))
        with pytest.raises(NotAllowed):
            mount(city, "stranger", entry.id)
        with pytest.raises(NotAllowed):
            mount(city, "provider-approver", entry.id)
        with pytest.raises(NotFound):
            mount(city, "provider-cataloguer", new_id())

    def test_not_twice_under_one_name(self, city):
        resource = factories.mount(city)
        with pytest.raises(InvalidInput, match="已挂载"):
            mount(city, "provider-cataloguer", resource.entry_id)

    def test_everything_missing_at_once(self, city):
        entry = factories.make_entry(city.provider, ("代码",))
        with pytest.raises(InvalidInput) as wrong:
            services.mount_resource(
                actor=city.actor("provider-cataloguer"), entry_id=entry.id, name=" ", modes=(), at=AT
            )
        assert [problem.where for problem in wrong.value.problems] == ["资源名称", "提供方式"]


class TestReceiving:
    def test_a_new_file_takes_the_place_of_an_unfinished_one(self, city, tmp_path):
        resource = factories.mount(city)
        first = factories.upload_text(city, resource, SMALL, tmp_path)
        second = factories.upload_text(city, resource, SMALL, tmp_path)
        first.refresh_from_db()
        assert (first.status, second.status, second.number) == (Status.DISCARDED, Status.UPLOADED, 2)
        assert first.case_number != second.case_number

    def test_not_while_a_version_is_built_or_rechecked(self, city, tmp_path, home):
        resource = factories.mount(city)
        version = factories.upload_text(city, resource, SMALL, tmp_path)
        factories.confirm(city, version)
        before = set((home / "staging").iterdir())
        with pytest.raises(IllegalMove):
            factories.upload_text(city, resource, SMALL, tmp_path)
        jobs.build_versions(AT)
        version.refresh_from_db()
        factories.submit(city, version)
        with pytest.raises(IllegalMove):
            factories.upload_text(city, resource, SMALL, tmp_path)
        assert set((home / "staging").iterdir()) == before

    def test_strangers_and_readers(self, city, tmp_path):
        resource = factories.mount(city)
        path = tmp_path / "a.csv"
        path.write_text(SMALL)
        for who, error in (
            ("stranger", NotFound),
            ("provider-approver", NotAllowed),
            ("auditor", NotAllowed),
        ):
            with pytest.raises(error):
                services.receive_upload(
                    actor=city.actor(who),
                    resource_id=resource.id,
                    taken=receiving.take_path(path, "a.csv"),
                    at=AT,
                )
        assert not Version.objects.exists()

    def test_a_big_file_that_cannot_be_read_fails_with_reasons(self, city, tmp_path, monkeypatch):
        monkeypatch.setattr(previews, "INLINE_BYTES", 0)
        resource = factories.mount(city)
        path = tmp_path / "a.xls"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
        version = factories.upload(city, resource, path)
        assert version.status == Status.FAILED
        assert version.error
        assert InboxItem.objects.get(case_id=version.id, done_at=None).action == "改正后重新生成"


@pytest.mark.article("yingkou-2022", "28")
class TestSubmitting:
    def built(self, city, tmp_path) -> Version:
        return factories.build(city, factories.upload_text(city, factories.mount(city), SMALL, tmp_path))

    def submit(self, city, version, who="provider-cataloguer", **changes):
        given = {
            "personal": {"联系手机": services.PersonalChoice(PersonalDecision.SENSITIVE)},
            "secrecy_checked": True,
            "personal_checked": True,
            "note": "",
            "on": TODAY,
        } | changes
        return services.submit_version(actor=city.actor(who), version_id=version.id, **given)

    def test_works(self, city, tmp_path):
        version = self.submit(city, self.built(city, tmp_path))
        assert version.status == Status.SUBMITTED
        item = InboxItem.objects.get(case_id=version.id, done_at=None)
        assert (item.department_id, item.action) == (city.bureau.id, "复核数据版本")

    @pytest.mark.parametrize("lacking", ["secrecy_checked", "personal_checked"])
    def test_not_without_both_checks(self, city, tmp_path, lacking):
        version = self.built(city, tmp_path)
        with pytest.raises(RuleRefused) as refused:
            self.submit(city, version, **{lacking: False})
        assert refused.value.decision.rule == "opening.secrecy_check"
        assert any(str(article) == "yingkou-2022:28" for article in refused.value.decision.basis)
        version.refresh_from_db()
        assert version.status == Status.BUILT

    def test_every_suspected_column_is_decided(self, city, tmp_path):
        version = self.built(city, tmp_path)
        with pytest.raises(RuleRefused, match="联系手机"):
            self.submit(city, version, personal={})
        with pytest.raises(InvalidInput, match="理由"):
            self.submit(city, version, personal={"联系手机": services.PersonalChoice(PersonalDecision.KEEP)})
        with pytest.raises(InvalidInput, match="不是疑似"):
            self.submit(city, version, personal={"名称": services.PersonalChoice(PersonalDecision.SENSITIVE)})
        kept = services.PersonalChoice(PersonalDecision.KEEP, "依法公示")
        assert self.submit(city, version, personal={"联系手机": kept}).sensitive_columns == frozenset()

    def test_strangers_readers_and_twice(self, city, tmp_path):
        version = self.built(city, tmp_path)
        with pytest.raises(NotFound):
            self.submit(city, version, "stranger")
        with pytest.raises(NotAllowed):
            self.submit(city, version, "bureau-reviewer")
        self.submit(city, version)
        with pytest.raises(IllegalMove):
            self.submit(city, version)

    def test_not_when_an_item_has_left_the_catalogue(self, city, tmp_path):
        version = self.built(city, tmp_path)
        version.resource.entry.published.items.filter(name="名称").update(name="新名称")
        with pytest.raises(RuleRefused, match="名称"):
            self.submit(city, version)


@pytest.mark.article("yingkou-2022", "18")
class TestRecheck:
    def submitted(self, city, tmp_path, resource=None, text=SMALL) -> Version:
        resource = resource or factories.mount(city)
        version = factories.build(city, factories.upload_text(city, resource, text, tmp_path))
        return factories.submit(city, version)

    def publish(self, city, version, who="bureau-reviewer"):
        return services.publish_version(actor=city.actor(who), version_id=version.id, on=TODAY)

    def test_publishing_moves_the_pointer_and_keeps_the_old_version_readable(self, city, tmp_path):
        first = self.publish(city, self.submitted(city, tmp_path))
        resource = first.resource
        facts = queries.published_table(resource.id)
        assert (facts.version_number, facts.rows, facts.store_version) == (1, 2, first.store_version)
        assert Notice.objects.filter(department=city.provider).exists()
        more = SMALL + "003,丙,13700137000\n"
        second = self.submitted(city, tmp_path, resource, more)
        assert queries.published_table(resource.id).version_number == 1
        self.publish(city, second)
        facts = queries.published_table(resource.id)
        assert (facts.version_number, facts.rows) == (2, 3)
        first.refresh_from_db()
        assert (first.status, first.superseded_on) == (Status.SUPERSEDED, TODAY)
        old = queries.get_version_for(
            city.actor("provider-approver"), first.id, queries.P.RESOURCES_RESOURCE_READ
        )
        with Store(queries.store_root()).open(old.store_version) as handle:
            assert len(handle.rows(Query(), Scope.of(["代码", "名称"])).rows) == 2
        with previewing.open_handle(resource.id) as handle:
            assert len(handle.rows(Query(), Scope.of(["代码"])).rows) == 3

    def test_only_the_bureau_of_the_division(self, city, tmp_path):
        version = self.submitted(city, tmp_path)
        for who, error in (
            ("stranger", NotFound),
            ("provider-cataloguer", NotAllowed),
            ("provider-approver", NotAllowed),
            ("shenyang-bureau", NotFound),
            ("auditor", NotAllowed),
        ):
            with pytest.raises(error):
                self.publish(city, version, who)
        self.publish(city, version)
        with pytest.raises(IllegalMove):
            self.publish(city, version)

    def test_nobody_publishes_what_they_submitted(self, city, tmp_path):
        version = self.submitted(city, tmp_path)
        Version.objects.filter(id=version.id).update(submitted_by=city.user("bureau-reviewer"))
        with pytest.raises(RuleRefused, match="不能复核自己"):
            self.publish(city, version)

    def test_returned_with_reasons_and_submitted_again(self, city, tmp_path):
        version = self.submitted(city, tmp_path)
        give_back = {"actor": city.actor("bureau-reviewer"), "version_id": version.id, "on": TODAY}
        with pytest.raises(InvalidInput):
            services.return_version(**give_back, reason=" ")
        with pytest.raises(NotAllowed):
            services.return_version(**give_back | {"actor": city.actor("provider-approver")}, reason="x")
        returned = services.return_version(**give_back, reason="名称列有误")
        assert returned.status == Status.RETURNED
        item = InboxItem.objects.get(case_id=version.id, done_at=None)
        assert (item.department_id, item.detail) == (city.provider.id, "名称列有误")
        with pytest.raises(IllegalMove):
            self.publish(city, version)
        again = factories.submit(city, returned)
        assert self.publish(city, again).status == Status.PUBLISHED
        types = [event.type for event in procedures.history_of(version.case)]
        assert types.count(E.VERSION_SUBMITTED) == 2
        assert types[-1] == E.VERSION_PUBLISHED

    def test_the_database_refuses_two_published_versions(self, city, tmp_path):
        first = self.publish(city, self.submitted(city, tmp_path))
        second = self.submitted(city, tmp_path, first.resource, SMALL + "003,丙,\n")
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.filter(id=second.id).update(status=Status.PUBLISHED, published_on=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.filter(id=second.id).update(secrecy_checked=False)


class TestSecondVersion:
    def test_reuses_the_recipe_and_decisions(self, city, tmp_path):
        resource = factories.mount(city)
        factories.publish(city, factories.upload_text(city, resource, SMALL, tmp_path))
        resource.refresh_from_db()
        second = factories.upload_text(city, resource, SMALL + "003,丙,13700137000\n", tmp_path)
        assert second.changes == []
        version = factories.build(city, second)
        assert [one["decision"] for one in version.personal] == ["sensitive"]

    def test_names_every_structural_change(self, city, tmp_path):
        resource = factories.mount(city, ("代码", "名称", "联系手机", "日期"))
        text = "代码,名称,联系手机,日期\n001,甲,13800138000,2026-01-02\n"
        factories.publish(city, factories.upload_text(city, resource, text, tmp_path))
        changed = "代码,全称,日期,备注\n001,甲,昨天,无\n"
        second = factories.upload_text(city, resource, changed, tmp_path)
        found = {(change["kind"], change["column"]) for change in second.changes}
        assert found == {("renamed", "名称"), ("missing", "联系手机"), ("new", "备注"), ("type", "日期")}


class TestBuilding:
    def confirmed(self, city, tmp_path, text=SMALL) -> Version:
        return factories.confirm(city, factories.upload_text(city, factories.mount(city), text, tmp_path))

    def test_a_claim_is_held_by_one_until_its_lease_runs_out(self, city, tmp_path):
        version = self.confirmed(city, tmp_path)
        first = services.claim_version(worker="a", now=AT)
        assert first.version_id == version.id
        assert services.claim_version(worker="b", now=AT) is None
        services.renew_claim(claim=first, now=AT + timedelta(seconds=50))
        assert services.claim_version(worker="b", now=AT + timedelta(seconds=90)) is None
        second = services.claim_version(worker="b", now=AT + timedelta(seconds=120))
        assert second.version_id == version.id
        with pytest.raises(services.LostClaim):
            services.renew_claim(claim=first, now=AT)
        with pytest.raises(services.LostClaim):
            services.fail_build(claim=first, problems=[], now=AT)

    def test_attempts_are_bounded(self, city, tmp_path):
        version = self.confirmed(city, tmp_path)
        now = AT
        for _ in range(5):
            assert services.claim_version(worker="a", now=now) is not None
            now += timedelta(minutes=2)
        assert services.claim_version(worker="a", now=now) is None
        assert services.give_up_exhausted(now=now) == 1
        version.refresh_from_db()
        assert version.status == Status.FAILED
        assert "5 次" in version.error[0]["what"]

    def test_the_same_content_twice_is_one_table_and_two_versions(self, city, tmp_path):
        resource = factories.mount(city)
        first = factories.publish(city, factories.upload_text(city, resource, SMALL, tmp_path))
        resource.refresh_from_db()
        second = factories.publish(city, factories.upload_text(city, resource, SMALL, tmp_path))
        assert (first.store_version, second.number) == (second.store_version, 2)

    def test_a_file_that_vanished_is_a_failure_the_provider_hears_of(self, city, tmp_path):
        version = self.confirmed(city, tmp_path)
        (receiving.staging_root() / version.upload.path).unlink()
        jobs.build_versions(AT)
        version.refresh_from_db()
        assert version.status == Status.FAILED

    def test_no_rows_cannot_be_submitted(self, city, tmp_path):
        resource = factories.mount(city, ("信用代码",))
        version = factories.upload_text(city, resource, "信用代码\n不是代码\n", tmp_path)
        preview = previews.from_json(version.preview)
        choice = structure.ColumnChoice(
            "信用代码", True, "信用代码", "信用代码", preview.columns[0].type, check="credit_code"
        )
        services.confirm_recipe(
            actor=city.actor("provider-cataloguer"),
            version_id=version.id,
            choices=structure.Choices((choice,)),
            at=AT,
        )
        jobs.build_versions(AT)
        version.refresh_from_db()
        assert (version.rows, version.quarantined) == (0, 1)
        with pytest.raises(RuleRefused, match="没有任何合格的数据行"):
            factories.submit(city, version)


def test_discarded_files_and_old_parts_are_swept(city, tmp_path, home, monkeypatch):
    import os

    resource = factories.mount(city)
    version = factories.upload_text(city, resource, SMALL, tmp_path)
    services.discard_version(actor=city.actor("provider-cataloguer"), version_id=version.id, at=AT)
    part = home / "staging" / f"{receiving.PART_PREFIX}dead"
    part.write_bytes(b"x")
    os.utime(part, (0, 0))
    monkeypatch.setattr(jobs, "_swept_at", 0.0)
    assert jobs.sweep(AT + timedelta(days=2)) == 2
    assert list((home / "staging").iterdir()) == []


def test_the_gateway_reads_where_the_control_plane_builds(home):
    from shuqiao.gateway.settings import GatewaySettings

    found = GatewaySettings.from_env({"SHUQIAO_HOME": str(home), "SHUQIAO_MASTER_KEY": "ab" * 32})
    assert found.store_root == queries.store_root()
