"""The installation's master key, as the gateway reads it: from the environment, else the file in the home folder."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from shuqiao.gateway.sealing import ensure_master_key, parse_master_key


def home() -> Path:
    """The installation's folder."""
    return Path(settings.HOME)


def master_key() -> bytes:
    """32 bytes under which secrets are sealed. Made at random at first use. Raises SealError when malformed."""
    written = os.environ.get("SHUQIAO_MASTER_KEY", "")
    return parse_master_key(written) if written else ensure_master_key(home())
