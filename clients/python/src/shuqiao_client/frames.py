"""Arrow and pandas, loaded only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuqiao_client.errors import BrokenOff

if TYPE_CHECKING:
    import pandas
    import pyarrow


def to_table(content: bytes) -> pyarrow.Table:
    """An Arrow stream as a table. Raises BrokenOff where it ends early, ImportError without pyarrow."""
    import pyarrow as pa

    try:
        with pa.ipc.open_stream(content) as stream:
            return stream.read_all()
    except pa.ArrowInvalid as error:
        raise BrokenOff(f"the Arrow stream is not whole: {error}") from error


def to_frame(content: bytes) -> pandas.DataFrame:
    """An Arrow stream as a frame whose columns keep their Arrow types: codes stay text, days stay days."""
    import pandas as pd

    return to_table(content).to_pandas(types_mapper=pd.ArrowDtype)
