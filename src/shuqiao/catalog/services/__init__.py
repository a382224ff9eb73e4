"""The business steps of the catalogue: the only code that writes its rows."""

from shuqiao.catalog.services.editing import (
    ask_sign_off,
    create_entry,
    save_draft,
    start_revision,
    withdraw_entry,
)
from shuqiao.catalog.services.importing import (
    check_import,
    confirm_import,
    discard_import,
    expire_imports,
    import_entries,
)
from shuqiao.catalog.services.reviewing import (
    BatchResult,
    publish_revision,
    publish_revisions,
    return_revision,
    submit_revision,
    submit_revisions,
)

__all__ = [
    "BatchResult",
    "ask_sign_off",
    "check_import",
    "confirm_import",
    "create_entry",
    "discard_import",
    "expire_imports",
    "import_entries",
    "publish_revision",
    "publish_revisions",
    "return_revision",
    "save_draft",
    "start_revision",
    "submit_revision",
    "submit_revisions",
    "withdraw_entry",
]
