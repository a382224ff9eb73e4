"""`{% load shuqiao %}`: the components of the style guide. Each takes plain data and renders one small template.

Components are blocks: put them in <div>, <td>, <li>, <dd>, not in <p>.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from shuqiao import law
from shuqiao.catalog.types import DataType
from shuqiao.kernel import Article, Decision, Problem
from shuqiao.kernel.time import today
from shuqiao.portal import chain as chains
from shuqiao.portal import ring, scope, wording
from shuqiao.portal.articles import view_of, views_of
from shuqiao.portal.axis import AxisDay, strip_of_term
from shuqiao.portal.drawing import remembered
from shuqiao.portal.events import events_of
from shuqiao.portal.receipts import receipt_of
from shuqiao.portal.shell import Entries

register = template.Library()
COMPONENTS = "portal/components"
SHARING = {
    "unconditional": ("all", "无条件共享"),
    "conditional": ("some", "有条件共享"),
    "none": ("none", "不予共享"),
}
OPENING = {
    "unconditional": ("all", "无条件开放"),
    "conditional": ("some", "有条件开放"),
    "closed": ("none", "不予开放"),
}
TONES = {"": "", "o": SafeString(' class="o"'), "l": SafeString(' class="l"')}  # of a duty on the axis

register.filter("cn_date", wording.cn_date)
register.filter("cn_day", wording.cn_day)
register.filter("cn_datetime", wording.cn_datetime)
register.filter("num", wording.grouped)
register.filter("cn_moment", wording.cn_moment)


@register.filter
def data_type(code: str) -> str:
    """字符型 for C: what kind of value an item holds, without the standard's letter."""
    return str(DataType(code).label).rstrip(code) if code in DataType.values else code


@register.filter
def case_no(number: str) -> SafeString:
    """A case number that never breaks over two lines."""
    return _word("sq-num", number)


@register.simple_tag
@remembered
def basis(
    article: Article | str,
    label: str = "依据",
    *,
    note: str = "",
    weak: bool = False,
    expired: bool = False,
    end: bool = False,
) -> SafeString:
    """A legal-basis chip that opens the article's summary in place; plain words become a chip that does not open."""
    view = view_of(article, label=label, note=note, weak=weak, expired=expired, end=end)
    return _rendered("basis", {"view": view})


@register.inclusion_tag(f"{COMPONENTS}/basis_list.html")
def basis_list(articles: Iterable[Article | str]) -> dict[str, Any]:
    """Several chips in a row."""
    return {"views": views_of(articles)}


@register.simple_tag
def clock(term: Any, on: date | None = None, size: str = "md", with_words: bool = True) -> SafeString:
    """The clock ring of a term with its words. `size`: sm in lists, md, lg beside a decision.

    `term`: a law.RunningTerm, a row with `clock()` (procedures.Term), or plain data (portal.ring.Clock).
    `on`: the day it is read, by default today in China.
    """
    if size not in ring.SIZES:
        raise ValueError(f"no such size of ring: {size!r}")
    seen = ring.Clock.read(term, on)
    return _clock(seen, on, size, with_words, seen.note, seen.unit, seen.tone)


@remembered
def _clock(seen: ring.Clock, on: date | None, size: str, with_words: bool, *_texts: str) -> SafeString:
    """The ring as it is drawn. Its texts are told once more, for their types."""
    values = {
        "clock": seen,
        "note": seen.note,
        "tone": ring.tone_of(seen),
        "arcs": ring.arcs(seen),
        "radius": ring.RADIUS[size],
        "size": size,
        "number": ring.number(seen),
        "number_unit": seen.unit if ring.number(seen).isdigit() else "",
        "words": ring.words(seen),
        "small": ring.small(seen),
        "due_says": ring.due_says(seen, on),
        "spoken": ring.spoken(seen),
        "with_words": with_words,
    }
    return _rendered("clock", values)


@register.simple_tag
def chain(steps: str | Iterable[Any], mini: bool = False, label: str = "") -> SafeString:
    """The chain from basis to evidence; see portal.chain.steps_of for the forms `steps` may take."""
    if isinstance(steps, str):  # states alone; the others carry words of their own
        return _chain_of_states(steps, mini, label)
    return _chain(steps, mini, label)


@remembered
def _chain_of_states(steps: str, mini: bool, label: str) -> SafeString:
    return _chain(steps, mini, label)


def _chain(steps: str | Iterable[Any], mini: bool, label: str) -> SafeString:
    laid = chains.steps_of(steps)
    said = label or (f"进度：{chains.where(laid)}" if mini else "从依据到存证")
    values = {"steps": laid, "mini": mini, "label": said}
    return _rendered("chain", values)


@register.inclusion_tag(f"{COMPONENTS}/seal.html")
def seal(text: str, state: str = "", size: str = "", label: str = "") -> dict[str, Any]:
    """A square seal of four characters. `state`: "" signed, line (sealed by the platform), wait. `size`: "", sm, lg."""
    if len(text) != 4:
        raise ValueError(f"a seal has four characters, got {text!r}")
    if state not in {"", "line", "wait"} or size not in {"", "sm", "lg"}:
        raise ValueError(f"no such seal: state {state!r}, size {size!r}")
    return {"letters": list(text), "state": state, "size": size, "label": label or text}


@register.inclusion_tag(f"{COMPONENTS}/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """What happened to a case: rows of procedures.Event, or plain data (see portal.events.Event)."""
    return {"events": events_of(events)}


@register.inclusion_tag(f"{COMPONENTS}/receipt.html")
def receipt(data: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt that prints on one page; see portal.receipts.Receipt for what `data` carries."""
    return {"receipt": receipt_of(data)}


@register.inclusion_tag(f"{COMPONENTS}/refusal.html")
def refusal(
    decision: Decision | Mapping[str, Any],
    title: str = "这一步不能做",
    can: str = "",
    actions: Iterable[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """A rule said no: rule id, reason, basis with its level, what one can do. `actions`: {label, url}."""
    said = decision if isinstance(decision, Decision) else Decision.from_json(dict(decision))
    return {
        "decision": said,
        "views": views_of(said.basis),
        "title": title,
        "can": can,
        "actions": list(actions),
    }


@register.inclusion_tag(f"{COMPONENTS}/problems.html")
def problems(found: Iterable[Problem]) -> dict[str, Any]:
    """Everything wrong with an input at once, each with its place."""
    return {"problems": list(found)}


@register.simple_tag
def state(label: str, tone: str = "") -> SafeString:
    """The state of a thing in one word. `tone`: "", jade, ochre, late, wait, off."""
    if tone not in {"", "jade", "ochre", "late", "wait", "off"}:
        raise ValueError(f"no such tone: {tone!r}")
    css = f"sq-state sq-state--{tone}" if tone else "sq-state"
    return _word(css, label)


@register.simple_tag
@remembered
def attr(kind: str, of: str = "sharing", label: str = "") -> SafeString:
    """How open a thing is: full, half or empty square. `of`: sharing or opening; `label` in the regime's own words."""
    kinds = {"sharing": SHARING, "opening": OPENING}[of]
    shape, name = kinds[str(kind)]
    return _word(f"sq-attr sq-attr--{shape}", label or name)


@register.simple_tag
def tag(label: str, tone: str = "") -> SafeString:
    """A remark. `tone`: "", ink, jade, ochre, late."""
    if tone not in {"", "ink", "jade", "ochre", "late"}:
        raise ValueError(f"no such tone: {tone!r}")
    return _word(f"sq-tag sq-tag--{tone}" if tone else "sq-tag", label)


@register.inclusion_tag(f"{COMPONENTS}/scope_matrix.html")
def scope_matrix(
    rows: Iterable[Mapping[str, Any]], editable: bool = False, caption: str = ""
) -> dict[str, Any]:
    """Items against levels; read as beads on rods, or answered with radios. See portal.scope.rows_of."""
    said = caption or ("申请范围与拟给予范围" if editable else "授权范围：每个信息项给到什么程度")
    return {
        "rows": scope.rows_of(rows),
        "editable": editable,
        "caption": said,
        "labels": scope.LEVELS.values(),
    }


@register.inclusion_tag(f"{COMPONENTS}/scope_legend.html")
def scope_legend() -> dict[str, Any]:
    """What tint, ring and fill mean in the answering matrix."""
    return {}


@register.inclusion_tag(f"{COMPONENTS}/rows_in_words.html")
def rows_in_words(
    conditions: Iterable[Any], names: Mapping[str, str] | None = None, note: str = "", lead: str = "只读得到"
) -> dict[str, Any]:
    """Row conditions as a sentence. `names`: Chinese name of each column; `note` small beneath."""
    return {"phrases": wording.in_words(conditions or (), names), "note": note, "lead": lead}


@register.inclusion_tag(f"{COMPONENTS}/axis.html")
def axis(days: Iterable[AxisDay]) -> dict[str, Any]:
    """Ten working days ahead with what falls due; `days` from portal.axis.axis_of."""
    return {"days": [(day, _links(day)) for day in days]}


def _links(day: AxisDay) -> SafeString:
    links = ((TONES[duty.tone], duty.url, duty.label, duty.label) for duty in day.duties)
    return format_html_join("", '<a{} href="{}" title="{}">{}</a>', links)


@register.simple_tag
@remembered
def places(groups: tuple[Entries, ...]) -> SafeString:
    """The list of places beside a page of the workbench; it stands there twice, the second time as a phone's menu."""
    return _rendered("places", {"groups": groups})


@register.inclusion_tag(f"{COMPONENTS}/days_strip.html")
def days_strip(term: Any, on: date | None = None, label: str = "工作日的推算") -> dict[str, Any]:
    """The days of one term counted out. `term`: a law.RunningTerm, a row with `clock()`, or portal.axis.StripDay."""
    running = term.clock() if callable(getattr(term, "clock", None)) else term
    days = strip_of_term(running, on or today()) if isinstance(running, law.RunningTerm) else list(running)
    return {"days": days, "label": label}


@register.inclusion_tag(f"{COMPONENTS}/void.html")
def void(title: str, text: str = "", url: str = "", label: str = "") -> dict[str, Any]:
    """Nothing here yet: says so, and offers the next step."""
    return {"title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag(f"{COMPONENTS}/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Links to the pages of a list (a Django Page), keeping the other parameters of the address."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is not None:
        query.pop("page", None)
    kept = f"{query.urlencode()}&" if query else ""
    paginator = page.paginator
    numbers = list(paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))
    return {"page": page, "numbers": numbers, "gap": paginator.ELLIPSIS, "query": kept}


@register.inclusion_tag(f"{COMPONENTS}/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """Everything missing from a form in one note, each with a link to its field."""
    wrong = [
        {"id": field.id_for_label or field.auto_id, "label": field.label, "errors": field.errors}
        for field in form.visible_fields()
        if field.errors
    ]
    general = list(form.non_field_errors()) + [
        f"{field.label}：{error}" for field in form.hidden_fields() for error in field.errors
    ]
    return {"fields": wrong, "general": general, "count": len(wrong) + len(general)}


@register.inclusion_tag(f"{COMPONENTS}/field.html")
def field(bound: Any) -> dict[str, Any]:
    """A form field whole: label, control, help, errors, joined by ids for screen readers."""
    kind = _kind(bound.field.widget)
    help_id, error_id = f"{bound.auto_id}-help", f"{bound.auto_id}-error"
    described = " ".join([help_id] * bool(bound.help_text) + [error_id] * bool(bound.errors))
    attrs: dict[str, Any] = {}
    if kind not in {"choice", "checks"}:
        css = {"select": "form-select", "check": "form-check-input"}.get(kind, "form-control")
        attrs["class"] = f"{css} is-invalid" if bound.errors else css
        if described:
            attrs["aria-describedby"] = described
        if bound.errors:
            attrs["aria-invalid"] = "true"
    else:
        attrs["class"] = "form-check-input"
    return {
        "bound": bound,
        "kind": kind,
        "control": bound.as_widget(attrs=attrs) if kind not in {"choice", "checks"} else "",
        "options": _options(bound, attrs) if kind in {"choice", "checks"} else (),
        "id": bound.id_for_label,
        "help_id": help_id,
        "error_id": error_id,
        "described": described,
        "errors": bound.errors,
        "required": bound.field.required,
    }


def _options(bound: Any, attrs: dict[str, Any]) -> list[Any]:
    return (
        list(bound.subwidgets)
        if not attrs
        else [_with_class(one, attrs["class"]) for one in bound.subwidgets]
    )


def _with_class(option: Any, css: str) -> Any:
    option.data["attrs"]["class"] = css
    return option


def _kind(widget: Any) -> str:
    if "checkboxselect" in type(widget).__name__.lower():  # its input_type is "checkbox" too
        return "checks"
    return {
        "checkbox": "check",
        "radio": "choice",
        "select": "select",
        "selectmultiple": "select",
    }.get(getattr(widget, "input_type", "") or "", "") or _kind_by_name(type(widget).__name__.lower())


def _kind_by_name(name: str) -> str:
    if "checkboxselect" in name:
        return "checks"
    if "radio" in name:
        return "choice"
    return "select" if "select" in name else "text"


def _rendered(component: str, values: dict[str, Any]) -> SafeString:
    return SafeString(get_template(f"{COMPONENTS}/{component}.html").render(values))


def _word(css: str, label: str) -> SafeString:
    return format_html('<span class="{}">{}</span>', css, label)
