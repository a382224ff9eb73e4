"""The evidence log: append-only, chained with SM3, one chain per node, durable before anything is answered.

Owns records, receipts, the files they lie in, their archive, and the proof that these are what was written.
Does not own what a record means to a grant or a case, who may read it, or where its anchors are kept. Needs no
Django and no database.
"""

from shuqiao.journal.archiving import LEAST_YEARS, archive, remove_archived, verify_archive
from shuqiao.journal.compressing import compress
from shuqiao.journal.errors import JournalDamaged, JournalError, JournalLocked, JournalUnavailable, NotSealed
from shuqiao.journal.head import Head, head, heads
from shuqiao.journal.index import DayCount, counts, ends_of, search
from shuqiao.journal.keys import ED25519, SM2, PublicKey, SealKey, public_keys, read_public_key, seal_key
from shuqiao.journal.ledger import Ledger, Part
from shuqiao.journal.proofs import Proof, problems_of, prove, read_proof, seal_of, verify_proof
from shuqiao.journal.reading import find, find_entry, iter_records
from shuqiao.journal.record import Entry, ReadForm, Receipt, Record, parse_receipt_id
from shuqiao.journal.sealing import seal, seal_due
from shuqiao.journal.seals import Seal, SealBook, Statement, parse_seal
from shuqiao.journal.segments import list_nodes
from shuqiao.journal.sm2 import Sm2Key, Sm2Unavailable, sm2_key
from shuqiao.journal.sm3 import sm3
from shuqiao.journal.verification import Finding, NodeReport, Progress, Report, verify
from shuqiao.journal.walking import Kind
from shuqiao.journal.who import Access, How, Place, Question, search_from, who
from shuqiao.journal.writer import Writer

__all__ = [
    "ED25519",
    "LEAST_YEARS",
    "SM2",
    "Access",
    "DayCount",
    "Entry",
    "Finding",
    "Head",
    "How",
    "JournalDamaged",
    "JournalError",
    "JournalLocked",
    "JournalUnavailable",
    "Kind",
    "Ledger",
    "NodeReport",
    "NotSealed",
    "Part",
    "Place",
    "Progress",
    "Proof",
    "PublicKey",
    "Question",
    "ReadForm",
    "Receipt",
    "Record",
    "Report",
    "Seal",
    "SealBook",
    "SealKey",
    "Sm2Key",
    "Sm2Unavailable",
    "Statement",
    "Writer",
    "archive",
    "compress",
    "counts",
    "ends_of",
    "find",
    "find_entry",
    "head",
    "heads",
    "iter_records",
    "list_nodes",
    "parse_receipt_id",
    "parse_seal",
    "problems_of",
    "prove",
    "public_keys",
    "read_proof",
    "read_public_key",
    "remove_archived",
    "seal",
    "seal_due",
    "seal_key",
    "seal_of",
    "search",
    "search_from",
    "sm2_key",
    "sm3",
    "verify",
    "verify_archive",
    "verify_proof",
    "who",
]
