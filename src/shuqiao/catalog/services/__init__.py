"""The business steps of the catalogue: the only code that writes its rows."""

from shuqiao.catalog.services.campaigns import (
    close_campaign,
    confirm_entries,
    open_campaign,
    open_due_campaigns,
    remind_campaign,
    remind_due_campaigns,
)
from shuqiao.catalog.services.classing import add_class, use_class
from shuqiao.catalog.services.duties import (
    Occasion,
    add_duty_entries,
    answer_update_extension,
    ask_update_extension,
    cancel_duty,
    confirm_duty,
    mark_unchanged,
    record_duties,
    report_duty,
    send_duty_back,
)
from shuqiao.catalog.services.editing import (
    ask_sign_off,
    create_entry,
    save_draft,
    start_revision,
    withdraw_entry,
)
from shuqiao.catalog.services.emergencies import end_emergency, open_emergency, watch_emergencies
from shuqiao.catalog.services.finding import find_all_duplicates, find_changed_duplicates
from shuqiao.catalog.services.followups import note_data
from shuqiao.catalog.services.importing import (
    assign_providers,
    check_import,
    confirm_import,
    demand_import,
    discard_import,
    expire_imports,
    import_entries,
)
from shuqiao.catalog.services.judging import division_of, judge
from shuqiao.catalog.services.leaving import give_up_revision, restore_entry
from shuqiao.catalog.services.mappings import demand_mapping, retire_mapping, save_mapping
from shuqiao.catalog.services.merging import keep_both, merge_entries, separate_entry
from shuqiao.catalog.services.reviewing import (
    BatchResult,
    Verdict,
    decide_revisions,
    publish_revision,
    publish_revisions,
    return_revision,
    submit_revision,
    submit_revisions,
)
from shuqiao.catalog.services.sources import count_spread, designate_source, end_designation
from shuqiao.catalog.services.synonyms import remove_synonyms, save_synonyms
from shuqiao.catalog.services.themes import (
    change_members,
    create_theme,
    dissolve_theme,
    establish_theme,
    rename_theme,
    return_theme,
    submit_theme,
)
from shuqiao.catalog.services.undoing import undo_import

__all__ = [
    "BatchResult",
    "Occasion",
    "Verdict",
    "add_class",
    "add_duty_entries",
    "answer_update_extension",
    "ask_sign_off",
    "ask_update_extension",
    "assign_providers",
    "cancel_duty",
    "change_members",
    "check_import",
    "close_campaign",
    "confirm_duty",
    "confirm_entries",
    "confirm_import",
    "count_spread",
    "create_entry",
    "create_theme",
    "decide_revisions",
    "demand_import",
    "demand_mapping",
    "designate_source",
    "discard_import",
    "dissolve_theme",
    "division_of",
    "end_designation",
    "end_emergency",
    "establish_theme",
    "expire_imports",
    "find_all_duplicates",
    "find_changed_duplicates",
    "give_up_revision",
    "import_entries",
    "judge",
    "keep_both",
    "mark_unchanged",
    "merge_entries",
    "note_data",
    "open_campaign",
    "open_due_campaigns",
    "open_emergency",
    "publish_revision",
    "publish_revisions",
    "record_duties",
    "remind_campaign",
    "remind_due_campaigns",
    "remove_synonyms",
    "rename_theme",
    "report_duty",
    "restore_entry",
    "retire_mapping",
    "return_revision",
    "return_theme",
    "save_draft",
    "save_mapping",
    "save_synonyms",
    "send_duty_back",
    "separate_entry",
    "start_revision",
    "submit_revision",
    "submit_revisions",
    "submit_theme",
    "undo_import",
    "use_class",
    "watch_emergencies",
    "withdraw_entry",
]
