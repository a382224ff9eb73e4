"""How a client writes its signatures, learned once: a client covers the same parts in the same order every time.

`read_input` takes a Signature-Input apart without a parser, and a `Layout` makes the signature base by putting a
request's values into a prepared text. Both know only the plain forms, byte for byte canonical; for anything else they
answer None, and the request is read by `verify`, which knows them all. Neither ever accepts what `verify` would not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from shuqiao.gateway.fields import parse_inner_list
from shuqiao.gateway.signing import GRANT_HEADER, ComponentError, check_names
from shuqiao.gateway.verify import NONCE_MAX, NONCE_MIN, missing_parts

_INPUT = re.compile(
    rb"([^;]+)(?:;created=(0|[1-9][0-9]{0,14})"
    rb'|;nonce="([ !#-\[\]-~]{%d,%d})"|;keyid=("[^";]*")|;alg=("[^";]*")){4}' % (NONCE_MIN, NONCE_MAX)
)
"""Four parameters; where each of the groups is there, these four."""
_PLAIN = bytes(sorted({*range(0x20, 0x7F)} - {*b'"\\'}))
_KNOWN = ("@authority", "@scheme", "@path", "@query", "@target-uri", GRANT_HEADER)

Fields = Mapping[bytes, bytes]


class Input(NamedTuple):
    """A Signature-Input in its plain form: `head` is all before the parameters; `key` and `algorithm` are in their
    quotes, `nonce` is not."""

    head: bytes
    key: bytes
    algorithm: bytes
    nonce: bytes
    created: int


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to cover a GET without body. `begin`: bytes of the Signature-Input before the list; `label`: what a
    Signature begins with."""

    begin: int
    label: bytes
    covers_grant: bool
    wants_target: bool
    _form: bytes
    _values: Callable[[Fields], tuple[bytes, ...]]

    def base(self, fields: Fields) -> bytes:
        """The signature base. `fields` hold the covered parts by name, "@signature-params" among them."""
        return self._form % self._values(fields)


def read_input(text: bytes) -> Input | None:
    """The parts of a Signature-Input with exactly the four parameters that are asked for, in any order. A key that is
    not written plainly is none that anybody has."""
    found = _INPUT.fullmatch(text)
    if found is None:
        return None
    head, created, nonce, key, algorithm = found.groups()
    if created is None or nonce is None or key is None or algorithm is None:
        return None
    return Input(head, key, algorithm, nonce, int(created))


def is_plain(text: bytes) -> bool:
    """Printable ASCII without quotes and backslashes: the same in a header, in a string of JSON, and in between."""
    return not text.translate(None, _PLAIN)


def make_layout(head: bytes) -> Layout | None:
    """The layout of a Signature-Input's head, e.g. ``sig=("@method" "@authority" "@path" "@query")``."""
    try:
        found = parse_inner_list(head.decode("ascii"))
        if found is None:
            return None
        names = check_names(tuple(name for name, _ in found[1].members))
    except (UnicodeDecodeError, ComponentError):
        return None
    if missing_parts(names) or not {*names} <= {"@method", *_KNOWN}:
        return None
    slots = [name for name in names if name != "@method"]
    lines = ['"@method": GET' if name == "@method" else f'"{name}": %b' for name in names]
    form = "\n".join([*lines, '"@signature-params": %b']).encode()
    values = itemgetter(*[name.encode() for name in slots], b"@signature-params")
    label = found[0].encode()
    return Layout(
        begin=len(label) + 1,
        label=label + b"=:",
        covers_grant=GRANT_HEADER in names,
        wants_target="@target-uri" in names,
        _form=form,
        _values=values,
    )
