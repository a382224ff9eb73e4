"""The data plane: machines read here. Each request is authenticated, matched with its grant, answered from an
immutable file, written to the evidence log, and only then sent.

Owns the form of the grant book (the control plane writes it through here), request signatures, and the
answers of machine reads. Does not decide who may have what: that is in the book. Knows no Django.
"""

from shuqiao.gateway.book import (
    Book,
    BookError,
    ColumnRow,
    GrantRow,
    KeyRow,
    ResourceRow,
    StaleBook,
    book_path,
    read_book,
    write_book,
)
from shuqiao.gateway.sealing import (
    MintedKey,
    SealError,
    ensure_master_key,
    grant_context,
    hash_secret,
    key_context,
    master_key_path,
    mint_hash_key,
    mint_key,
    parse_master_key,
    read_master_key,
    seal,
    unseal,
)
from shuqiao.gateway.signing import sign

__all__ = [
    "Book",
    "BookError",
    "ColumnRow",
    "GrantRow",
    "KeyRow",
    "MintedKey",
    "ResourceRow",
    "SealError",
    "StaleBook",
    "book_path",
    "ensure_master_key",
    "grant_context",
    "hash_secret",
    "key_context",
    "master_key_path",
    "mint_hash_key",
    "mint_key",
    "parse_master_key",
    "read_book",
    "read_master_key",
    "seal",
    "sign",
    "unseal",
    "write_book",
]
