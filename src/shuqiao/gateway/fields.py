"""Structured field values (RFC 8941), as much as message signatures and digests need.

Dictionaries whose members are inner lists of strings or bare items, with parameters. Strict: what the RFC
does not allow is an error.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import lru_cache

_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_STRING = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
_BOOLEAN = re.compile(r"\?([01])")
_PLAIN_TEXT = r'"[\x20-\x21\x23-\x5b\x5d-\x7e]*"'
_PLAIN = re.compile(_PLAIN_TEXT.replace('"[', '"([').replace(']*"', ']*)"'))
_PARAMETER = re.compile(
    r';([a-z*][a-z0-9_\-.*]*)=(?:"([\x20-\x21\x23-\x5b\x5d-\x7e]*)"|(0|-?[1-9][0-9]{0,14}))'
)
_CANONICAL = re.compile(
    rf"([a-z*][a-z0-9_\-.*]*)=(\(((?:{_PLAIN_TEXT}(?: {_PLAIN_TEXT})*)?)\)"
    rf"((?:;[a-z*][a-z0-9_\-.*]*=(?:{_PLAIN_TEXT}|0|-?[1-9][0-9]{{0,14}}))*))"
)
_ONE_SEQUENCE = re.compile(r"([a-z*][a-z0-9_\-.*]*)=:([A-Za-z0-9+/]*={0,2}):")
_SPACES = re.compile(r" *")
_OPTIONAL_WHITESPACE = re.compile(r"[ \t]*")


class FieldError(ValueError):
    """The text is not the structured field it should be."""


class Token(str):
    """A bare word, written without quotes."""

    __slots__ = ()


BareItem = str | int | bool | bytes | Token


@dataclass(frozen=True, slots=True)
class InnerList:
    """A list in brackets: its members with their parameters, and the parameters of the list itself."""

    members: tuple[tuple[str, dict[str, BareItem]], ...]
    parameters: dict[str, BareItem]
    canonical: str = field(default="", compare=False, repr=False)

    def serialize(self) -> str:
        """The canonical text, as it stands in a signature base."""
        if self.canonical:
            return self.canonical
        inside = " ".join(_string(name) + _parameters(parameters) for name, parameters in self.members)
        return f"({inside}){_parameters(self.parameters)}"


Member = InnerList | tuple[BareItem, dict[str, BareItem]]


def parse_dictionary(text: str) -> dict[str, Member]:
    """Read a dictionary field; the last value of a repeated key counts (RFC 8941). Raises FieldError."""
    found: dict[str, Member] = {}
    at = 0
    text = text.strip(" ")
    while at < len(text):
        key, at = _match(_KEY, text, at, "key")
        if text.startswith("=", at):
            member, at = _member(text, at + 1)
        else:
            parameters, at = _read_parameters(text, at)
            member = (True, parameters)
        found[key] = member
        at = _skip(_OPTIONAL_WHITESPACE, text, at)
        if at == len(text):
            return found
        if text[at] != ",":
            raise FieldError(f"expected a comma at {at} of {text!r}")
        at = _skip(_OPTIONAL_WHITESPACE, text, at + 1)
        if at == len(text):
            raise FieldError(f"trailing comma in {text!r}")
    return found


def parse_inner_list(text: str) -> tuple[str, InnerList] | None:
    """The key and the list of a dictionary with one inner list, if its text is already canonical: what
    `parse_dictionary` says of it, in a fifth of the time. None for everything else, which is then to be read
    there."""
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return None
    pairs = _PARAMETER.findall(found[4])
    parameters: dict[str, BareItem] = {
        name: int(number) if number else inside for name, inside, number in pairs
    }
    if len(parameters) != len(pairs):
        return None
    return found[1], InnerList(_plain_members(found[3]), parameters, found[2])


def parse_byte_sequence(text: str) -> tuple[str, bytes] | None:
    """The key and the bytes of a dictionary with one byte sequence and nothing else; None for everything else,
    which is then to be read by `parse_dictionary`."""
    found = _ONE_SEQUENCE.fullmatch(text)
    if found is None or len(found[2]) % 4:
        return None
    return found[1], binascii.a2b_base64(found[2])


@lru_cache(maxsize=256)
def _plain_members(text: str) -> tuple[tuple[str, dict[str, BareItem]], ...]:
    return tuple((name, {}) for name in _PLAIN.findall(text))


def _member(text: str, at: int) -> tuple[Member, int]:
    if not text.startswith("(", at):
        value, at = _read_bare(text, at)
        parameters, at = _read_parameters(text, at)
        return (value, parameters), at
    members: list[tuple[str, dict[str, BareItem]]] = []
    at = _skip(_SPACES, text, at + 1)
    while not text.startswith(")", at):
        item, at = _read_bare(text, at)
        if not isinstance(item, str) or isinstance(item, Token):
            raise FieldError(f"only strings may stand in this list: {text!r}")
        parameters, at = _read_parameters(text, at)
        members.append((item, parameters))
        after = _skip(_SPACES, text, at)
        if after == at and not text.startswith(")", at):
            raise FieldError(f"the list is not closed or spaced rightly at {at} of {text!r}")
        at = after
    parameters, at = _read_parameters(text, at + 1)
    return InnerList(tuple(members), parameters), at


def _read_parameters(text: str, at: int) -> tuple[dict[str, BareItem], int]:
    parameters: dict[str, BareItem] = {}
    while text.startswith(";", at):
        key, at = _match(_KEY, text, _skip(_SPACES, text, at + 1), "parameter")
        value: BareItem = True
        if text.startswith("=", at):
            value, at = _read_bare(text, at + 1)
        parameters[key] = value
    return parameters, at


def _read_bare(text: str, at: int) -> tuple[BareItem, int]:
    first = text[at : at + 1]
    if first == '"':
        inside, at = _match(_STRING, text, at, "string", group=1)
        return (re.sub(r"\\(.)", r"\1", inside) if "\\" in inside else inside), at
    if first == ":":
        encoded, at = _match(_BYTES, text, at, "byte sequence", group=1)
        try:
            return base64.b64decode(encoded, validate=True), at
        except binascii.Error as error:
            raise FieldError(f"not base64: {encoded!r}") from error
    if first == "?":
        flag, at = _match(_BOOLEAN, text, at, "boolean", group=1)
        return flag == "1", at
    if first == "-" or first.isdigit():
        digits, at = _match(_INTEGER, text, at, "integer")
        return int(digits), at
    word, at = _match(_TOKEN, text, at, "value")
    return Token(word), at


def _match(pattern: re.Pattern[str], text: str, at: int, what: str, group: int = 0) -> tuple[str, int]:
    found = pattern.match(text, at)
    if found is None:
        raise FieldError(f"expected a {what} at {at} of {text!r}")
    return found.group(group), found.end()


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _parameters(parameters: dict[str, BareItem]) -> str:
    return "".join(
        f";{key}" if value is True else f";{key}={serialize_bare(value)}" for key, value in parameters.items()
    )


def serialize_bare(value: BareItem) -> str:
    """The canonical text of one bare item."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode()}:"
    return str(value) if isinstance(value, Token) else _string(value)


def _string(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise FieldError(f"a string field is printable ASCII: {value!r}")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
