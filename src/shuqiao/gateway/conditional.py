"""Conditional requests (RFC 9110, 13): marks of what an answer would say, and whether the client has it already.

A page's mark is made of the version, the grant's scope and the question under a key of the installation: whoever has
not read the answer cannot make it, and it says nothing about the rows.
"""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import blake2b

_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')


class Tagger:
    """Makes the marks (ETag) of answers that are worked out."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hmac.digest(master_key, b"shuqiao gateway etag", "sha256")

    def tag(self, version: str, scope: bytes, target: str) -> str:
        """The weak mark of the answer to `target` from `version` under a scope."""
        begun = self.begin(version, scope)
        begun.update(target.encode("utf-8", "surrogateescape"))
        return finish(begun).decode()

    def begin(self, version: str, scope: bytes) -> blake2b:
        """A mark as far as the target: copy it, add the target, `finish`."""
        return blake2b(b"%b\0%b\0" % (version.encode(), scope), digest_size=15, key=self._key)


def finish(mark: blake2b) -> bytes:
    """The weak mark as it goes into a header."""
    return b'W/"%b"' % base64.b64encode(mark.digest(), b"-_")


def has_it(if_none_match: str, tag: str) -> bool:
    """Whether If-None-Match names `tag` (weak comparison). ``*`` names any."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    wanted = tag.removeprefix("W/")
    return any(found[0].removeprefix("W/") == wanted for found in _TAG.finditer(if_none_match))
