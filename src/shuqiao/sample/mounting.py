"""Tables: a file for each, mounted, read, confirmed, built and re-checked by the same steps as an uploaded one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from shuqiao import store
from shuqiao.catalog import queries as catalog
from shuqiao.catalog.life.freshness import CYCLE_DAYS, State, judge
from shuqiao.catalog.types import UpdateCycle
from shuqiao.resources import previews, queries, receiving, services, structure
from shuqiao.resources.models import Version
from shuqiao.resources.services import PersonalChoice
from shuqiao.resources.services.naming import previous_of
from shuqiao.resources.types import Mode, PersonalDecision
from shuqiao.sample.opening import open_reviewed
from shuqiao.sample.specs import EntrySpec, FileSpec, ItemSpec
from shuqiao.sample.tables import DECIMALS, TYPES, make_table, scale_of, write_table
from shuqiao.sample.world import World
from shuqiao.store.types import ColumnType

_FORMS = {ColumnType.DATE: "YYYY-MM-DD", ColumnType.DATETIME: "YYYY-MM-DD hh:mm"}
_CHECK_NOTE = "已按单位保密审查和个人信息保护制度逐列审查（示例）"
_KEPT = "登记或公示事项，不指向自然人"


def mount_tables(world: World) -> None:
    """Every table as far as its spec says, the oldest first."""
    for entry in sorted(world.spec.entries, key=lambda one: -one.age):
        if entry.file is not None:
            _mount(world, entry, entry.file)


def _mount(world: World, entry: EntrySpec, file: FileSpec) -> None:
    days, age = world.days, entry.age
    resource = services.mount_resource(
        actor=world.clerk(entry.dept),
        entry_id=world.entries[entry.key],
        name=entry.title,
        modes=[Mode(mode) for mode in file.modes],
        at=days.moment(days.back(age - 1)),
    )
    world.resources[entry.key] = resource.id
    stage = file.stage
    late = age - 2 if stage == "published" else 3
    _bring(world, entry, file, edition=1, stage=stage, age=late)
    if file.second == "waiting":
        _bring(world, entry, file, edition=2, stage="waiting", age=2)
    elif file.second or (stage == "published" and not file.stale and _is_due(world, entry, late - 2)):
        _bring(world, entry, file, edition=2, stage="published", age=_recent(entry))


def _is_due(world: World, entry: EntrySpec, age: int) -> bool:
    """Whether the entry's cycle has asked for new data since a version published `age` working days ago."""
    return judge(entry.cycle, world.days.back(age), world.days.today).state is State.OVERDUE


def _recent(entry: EntrySpec) -> int:
    """Working days since the second edition came: well within its cycle, and decided two days after."""
    return 2 + min(7, CYCLE_DAYS.get(UpdateCycle(entry.cycle), 31) // 4)


def _bring(world: World, entry: EntrySpec, file: FileSpec, *, edition: int, stage: str, age: int) -> None:
    """One file becomes a version: received `age` working days ago, submitted and decided on the following days."""
    division = world.division_of(entry.dept)
    table = make_table(entry, file, division, world.crowd(division), seed=world.seed, edition=edition)
    path = write_table(table, entry, file, world.files, edition=edition)
    _receive(world, entry, path, stage=stage, age=age)


def bring_corrected(world: World, entry: EntrySpec, key: str, item: str, value: str) -> None:
    """The first file of an entry again, published today, with one value of one row put right."""
    if entry.file is None:
        raise ValueError(f"{entry.key} has no table to correct")
    division = world.division_of(entry.dept)
    table = make_table(entry, entry.file, division, world.crowd(division), seed=world.seed)
    place = next(number for number, one in enumerate(table.items) if one.name == item)
    row = next(row for row in table.rows if key in row)
    row[place] = value
    path = write_table(table, entry, entry.file, world.files, edition=2)
    _receive(world, entry, path, stage="published", age=1)


def _receive(world: World, entry: EntrySpec, path: Path, *, stage: str, age: int) -> None:
    days = world.days
    clerk, received = world.clerk(entry.dept), days.back(age)
    version = services.receive_upload(
        actor=clerk,
        resource_id=world.resources[entry.key],
        taken=receiving.take_path(path, path.name),
        at=days.moment(received),
    )
    path.unlink()
    if stage == "uploaded":
        return
    _build(world, entry, version, received)
    if stage == "built":
        return
    version = _submit(world, entry, version, days.back(max(0, age - 1)))
    reviewer, decided = world.reviewer(entry.dept), days.back(max(0, age - 2))
    if stage == "published":
        services.publish_version(actor=reviewer, version_id=version.id, on=decided)
        open_reviewed(world, entry, decided)
    elif stage == "returned":
        services.return_version(
            actor=reviewer,
            version_id=version.id,
            reason="监测责任人的电话有缺漏，请补齐后重新提交；隔离的行请说明处理办法",
            on=decided,
        )


def _build(world: World, entry: EntrySpec, version: Version, on: date) -> None:
    """The clerk confirms; then what the worker does: claim, build, hand in."""
    at = world.days.moment(on, 11)
    services.confirm_recipe(
        actor=world.clerk(entry.dept), version_id=version.id, choices=choices_of(entry, version), at=at
    )
    claim = services.claim_version(worker="sample", now=at)
    if claim is None or claim.version_id != version.id or claim.recipe is None:
        raise RuntimeError(f"the version of {entry.key} was confirmed and yet cannot be claimed: {claim}")
    built = store.build(
        claim.path,
        previews.recipe_from_json(claim.recipe),
        queries.store_root(),
        filename=claim.filename,
    )
    services.finish_build(claim=claim, built=built, now=at)


def choices_of(entry: EntrySpec, version: Version) -> structure.Choices:
    """What the clerk confirms: the proposal, columns named after their items and typed as the catalogue has them."""
    file = entry.file
    items = {item.name: item for item in entry.item_specs()}
    before = previous_of(version)
    proposed = structure.propose(
        previews.from_json(version.preview),
        catalog.published_items(version.resource.entry_id),
        previews.recipe_from_json(before.recipe) if before else None,
        before.items if before else None,
    )
    decimals = "fixed" if file and file.form == "csv" else "minimal"
    columns = tuple(_typed(choice, items[choice.item], decimals) for choice in proposed.columns)
    return structure.Choices(columns, file.keys if file else ())


def _typed(choice: structure.ColumnChoice, item: ItemSpec, decimals: str) -> structure.ColumnChoice:
    """A spoiled cell makes the proposal a text; the clerk knows better, and the cell goes into quarantine."""
    named = replace(choice, name=item.name)
    wanted = ColumnType.DECIMAL if item.type in DECIMALS else TYPES.get(item.type, ColumnType.TEXT)
    if choice.type is wanted:
        return named
    if wanted is ColumnType.DECIMAL:
        return replace(named, type=wanted, form=decimals, scale=scale_of(item), check="")
    return replace(named, type=wanted, form=_FORMS.get(wanted, ""), scale=0)


def _submit(world: World, entry: EntrySpec, version: Version, on: date) -> Version:
    """The clerk confirms the checks: what the catalogue calls sensitive is sensitive, the rest kept with a reason."""
    clerk = world.clerk(entry.dept)
    sensitive = {item.name for item in entry.item_specs() if item.sensitive}
    seen = queries.list_versions_for(clerk, version.resource_id).get(id=version.id)
    personal = {
        one["column"]: PersonalChoice(PersonalDecision.SENSITIVE)
        if one["column"] in sensitive
        else PersonalChoice(PersonalDecision.KEEP, _KEPT)
        for one in seen.personal
    }
    return services.submit_version(
        actor=clerk,
        version_id=version.id,
        personal=personal,
        secrecy_checked=True,
        personal_checked=True,
        note=_CHECK_NOTE,
        on=on,
    )
