"""Somebody at a browser without script: reads a page, finds on it the form for the next step, fills it in and sends it.

A step that the page does not offer cannot be taken, nor a field filled that the form does not have; what the form holds
already is sent as a browser would send it, the token against forgery among it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from shuqiao.accounts.models import User


@dataclass
class Form:
    """One form of a page: where it and its buttons lead, what it holds, and the names of all its fields."""

    action: str
    method: str
    key: str = ""
    leads_to: set[str] = field(default_factory=set)
    holds: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url, self.forms, self.words = url, [], []
        self.inside: Form | None = None
        self.far: list[tuple[str, str, dict[str, str | None]]] = []
        self.select: tuple[Form, str, list[str], list[str]] | None = None
        self.area: tuple[Form, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.words += [value for name, value in attrs if name in {"title", "aria-label"} and value]
        if tag == "form":
            action = given.get("action") or self.url
            self.inside = Form(action, (given.get("method") or "get").lower(), given.get("id") or "")
            self.inside.leads_to.add(action)
            self.forms.append(self.inside)
            return
        if given.get("form"):
            self.far.append((given["form"] or "", tag, given))
        elif self.inside is not None:
            self._take(self.inside, tag, given)

    def _take(self, form: Form, tag: str, given: dict[str, str | None]) -> None:
        name = given.get("name") or ""
        if tag == "button" and given.get("formaction"):
            form.leads_to.add(given["formaction"] or "")
        if tag in {"input", "select", "textarea", "button"} and name and "disabled" not in given:
            form.names.add(name)
        if not name:
            return
        if tag == "input":
            kind = given.get("type") or "text"
            if kind in {"checkbox", "radio"}:
                if "checked" in given:
                    form.holds.setdefault(name, []).append(given.get("value") or "on")
            elif kind != "file":
                form.holds.setdefault(name, []).append(given.get("value") or "")
        elif tag == "select":
            self.select = (form, name, [], [])
        elif tag == "textarea":
            self.area = (form, name, [])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.area:
            self.area[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select" and self.select:
            form, name, chosen, every = self.select
            form.holds.setdefault(name, []).extend(chosen or every[:1])
            self.select = None
        elif tag == "textarea" and self.area:
            form, name, text = self.area
            form.holds.setdefault(name, []).append("".join(text).removeprefix("\n"))
            self.area = None

    def option(self, given: dict[str, str | None]) -> None:
        if self.select:
            self.select[3].append(given.get("value") or "")
            if "selected" in given:
                self.select[2].append(given.get("value") or "")


class _Options(_Reader):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "option":
            self.option(dict(attrs))
        super().handle_starttag(tag, attrs)


@dataclass
class Page:
    """What somebody reads: the words, the forms, and the whole answer."""

    url: str
    words: str
    html: str
    forms: list[Form]

    def form_to(self, action: str) -> Form:
        """The form by which this address is reached."""
        found = [one for one in self.forms if action in one.leads_to and one.method == "post"]
        offered = sorted(to for one in self.forms if one.method == "post" for to in one.leads_to)
        assert found, f"{self.url} does not offer {action}, only {offered}"
        return found[0]

    def offers(self, action: str) -> bool:
        """Whether some form of the page leads there."""
        return any(action in one.leads_to for one in self.forms if one.method == "post")

    def says(self, *words: str) -> None:
        """Each of these stands on the page (line breaks of long numbers do not count)."""
        for one in words:
            assert one in self.words, f"{self.url} does not say {one}"


def read(url: str, html: str) -> Page:
    """Take a page apart."""
    reader = _Options(url)
    reader.feed(html)
    for key, tag, given in reader.far:
        for form in reader.forms:
            if form.key == key:
                reader._take(form, tag, given)
    words = " ".join("".join(reader.words).split())
    return Page(url, words, html, reader.forms)


class Visitor:
    """Somebody signed in, or nobody in particular."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if user is not None:
            self.client.force_login(user)

    def open(self, url: str) -> Page:
        """Read a page."""
        answer = self.client.get(url)
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.content.decode()[:800]}"
        return read(url, answer.content.decode())

    def page_of(self, url: str, answer: Any) -> Page:
        """The page that came as the answer to a form."""
        return read(url, answer.content.decode())

    def send(
        self, url: str, action: str = "", given: dict[str, Any] | None = None, says: tuple[str, ...] = ()
    ) -> Any:
        """Read the page, see that it offers the step and says why, fill in the form and send it."""
        page = self.open(url)
        page.says(*says)
        form = page.form_to(action or url)
        unknown = set(given or {}) - form.names
        assert not unknown, f"{url}: the form to {action} has no field {unknown}, only {sorted(form.names)}"
        return self.client.post(action or url, form.holds | (given or {}))

    def take(
        self, url: str, action: str = "", given: dict[str, Any] | None = None, says: tuple[str, ...] = ()
    ) -> str:
        """A step that is done. Returns where the browser is led."""
        answer = self.send(url, action, given, says)
        assert answer.status_code == 302, read(url, answer.content.decode()).words[:1500]
        return str(answer["Location"])

    def refused(self, url: str, action: str = "", given: dict[str, Any] | None = None) -> Page:
        """A step that is not done. Returns the page that says why."""
        answer = self.send(url, action, given)
        assert answer.status_code in {400, 403, 409}, answer.status_code
        return read(url, answer.content.decode())
