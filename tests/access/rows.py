"""Rows of the access matrix, and short ways of writing them; `tests/test_access_matrix.py` says what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STRANGER = "stranger"
PC, PA, PS = "provider-cataloguer", "provider-approver", "provider-security"
CC, CA, CD = "consumer-cataloguer", "consumer-approver", "consumer-developer"
BR, BS, ADMIN = "bureau-reviewer", "bureau-supervisor", "admin"
WHY = {"reason": "写明的理由"}


@dataclass(frozen=True)
class Row:
    """One address and method. `of` names the thing of the world it is about; in `data`, `@name` is its id."""

    address: str
    method: str
    of: str
    stranger: int
    viewer: tuple[str, int]
    responsible: tuple[str, int]
    data: dict[str, Any] = field(default_factory=dict)
    public: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_rest(self) -> bool:
        return self.address.startswith("api:")


def everybody(address: str, of: str = "", status: int = 200, method: str = "GET") -> Row:
    return Row(address, method, of, status, (PS, status), (PC, status), public=True)


def signed_in(address: str, of: str = "", status: int = 200, method: str = "GET", **data: Any) -> Row:
    return Row(address, method, of, status, (PS, status), (PC, status), data)


def get(address: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int]) -> Row:
    return Row(address, "GET", of, stranger, viewer, responsible)


def post(
    address: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int], **data: Any
) -> Row:
    return Row(address, "POST", of, stranger, viewer, responsible, data)


def put(
    address: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int], **data: Any
) -> Row:
    return Row(address, "PUT", of, stranger, viewer, responsible, data)


PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
WHOLE = {"Tus-Resumable": "1.0.0", "Upload-Length": "4", "Upload-Metadata": "filename 6KGoLmNzdg=="}


def tus(
    method: str, address: str, of: str, stranger: int, viewer: tuple[str, int], responsible: tuple[str, int]
) -> Row:
    """One method of the protocol for files in pieces, with the headers it wants."""
    return Row(
        address, method, of, stranger, viewer, responsible, headers=WHOLE if method == "POST" else PIECE
    )
