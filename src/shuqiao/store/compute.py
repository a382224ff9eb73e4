"""pyarrow.compute without its type stubs, which do not know that plain Python values are scalars too."""

from __future__ import annotations

from typing import Any

import pyarrow.compute

compute: Any = pyarrow.compute
