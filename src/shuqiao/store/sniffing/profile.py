"""One column seen row by row: which types every value fits, what stands for missing, whether it could be a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shuqiao.store.cells import (
    BOOLEAN_FORMS,
    DATE_FORMS,
    DATETIME_FORMS,
    MAX_DIGITS,
    Parser,
    TypeFit,
    boolean_parser,
    decimal_shape,
    parse_integer,
)
from shuqiao.store.sniffing.personal import Patterns, means_code
from shuqiao.store.types import ColumnPreview, ColumnType

NULL_MARKERS = frozenset(
    {"N/A", "n/a", "NA", "#N/A", "-", "--", "---", "—", "——", "/", "NULL", "null", "None", "nan", "NaN"}
)
_EMPTY = frozenset({"", None})
KEY_ROWS = 2_000_000
_PATTERN_ROWS = 200_000
_SAMPLES = 5
_SAMPLE_CHARS = 60
_KEY_CHARS = 64
_CODE_WIDTH = 6

_PARSERS: dict[TypeFit, Parser] = {
    **{TypeFit(ColumnType.BOOLEAN, form): boolean_parser(form) for form in BOOLEAN_FORMS},
    TypeFit(ColumnType.INTEGER): parse_integer,
    **{TypeFit(ColumnType.DATE, form): parse for form, parse in DATE_FORMS.items()},
    **{TypeFit(ColumnType.DATETIME, form): parse for form, parse in DATETIME_FORMS.items()},
}


class _Decimals:
    """Whether all values are decimals that can be written back as they stood."""

    def __init__(self) -> None:
        self.possible = True
        self.whole = 0
        self.least = MAX_DIGITS
        self.most = 0
        self.padded = False

    def update(self, values: set[str]) -> None:
        for value in values:
            shape = decimal_shape(value)
            if shape is None:
                self.possible = False
                return
            self.whole = max(self.whole, shape[0])
            self.least, self.most = min(self.least, shape[1]), max(self.most, shape[1])
            self.padded = self.padded or shape[2]
        self.possible = self.whole + self.most <= MAX_DIGITS

    def fit(self) -> TypeFit | None:
        """The decimal type, or None where some value would come back changed."""
        if not self.possible or self.most == 0:
            return None
        if self.least == self.most:
            return TypeFit(ColumnType.DECIMAL, "fixed", self.most)
        return None if self.padded else TypeFit(ColumnType.DECIMAL, "minimal", self.most)


class ColumnProfile:
    """What has been seen of one column so far."""

    def __init__(self, header: str, source: str) -> None:
        self._header, self._source = header, source
        self._rows = self._nulls = self._longest = 0
        self._markers: Counter[str] = Counter()
        self._samples: dict[str, None] = {}
        self._fits = dict(_PARSERS)
        self._decimals = _Decimals()
        self._lengths: set[int] = set()
        self._patterns = Patterns(header)
        self._hashes: set[int] | None = set()
        self._solid = False

    def update(self, values: Sequence[str | None]) -> None:
        """Look at the next values, sound rows only."""
        distinct: set[str | None] = set(values)
        self._nulls += values.count(None) + values.count("")
        solid: set[str] = {value for value in distinct if value} - NULL_MARKERS
        for marker in NULL_MARKERS & distinct:
            self._markers[marker] += values.count(marker)
        self._judge_key(values, distinct)
        if self._rows < _PATTERN_ROWS:
            self._patterns.update(solid)
        self._rows += len(values)
        if not solid:
            return
        self._solid = True
        self._judge_types(solid)
        if len(self._samples) < _SAMPLES:
            for value in values:
                if value in solid and len(self._samples) < _SAMPLES:
                    self._samples[str(value)[:_SAMPLE_CHARS]] = None

    def fill_missing(self, rows: int) -> None:
        """The column was not there in `rows` earlier rows."""
        if rows:
            self._rows += rows
            self._nulls += rows
            self._hashes = None

    def _judge_types(self, solid: set[str]) -> None:
        for fit, parse in list(self._fits.items()):
            try:
                for value in solid:
                    parse(value)
            except ValueError:
                del self._fits[fit]
        if self._decimals.possible:
            self._decimals.update(solid)
        lengths = set(map(len, solid))
        self._longest = max(self._longest, *lengths)
        if len(self._lengths) < 2:
            self._lengths |= lengths

    def _judge_key(self, values: Sequence[str | None], distinct: set[str | None]) -> None:
        if self._hashes is None:
            return
        unsuitable = len(distinct) != len(values) or distinct & _EMPTY or distinct & NULL_MARKERS
        hashes = set(map(hash, distinct))
        if unsuitable or not self._hashes.isdisjoint(hashes):
            self._hashes = None
        elif self._rows < KEY_ROWS:  # memory is bounded: what repeats only later is found when it is built
            self._hashes |= hashes

    def _fit(self) -> TypeFit:
        text = TypeFit(ColumnType.TEXT)
        if not self._solid:
            return text
        found = next(iter(self._fits), None) or self._decimals.fit() or text
        if found.type is ColumnType.INTEGER:
            same_width = len(self._lengths) == 1 and min(self._lengths) >= _CODE_WIDTH
            if same_width or means_code(self._header) or self._patterns.checks():
                return text
        if found.type is ColumnType.DECIMAL and means_code(self._header):
            return text
        return found

    def preview(self) -> ColumnPreview:
        """The proposal for this column."""
        fit = self._fit()
        markers = dict(self._markers)
        if self._nulls:
            markers[""] = self._nulls
        return ColumnPreview(
            header=self._header,
            source=self._source,
            type=fit.type,
            form=fit.form,
            scale=fit.scale,
            nulls=self._nulls + self._markers.total(),
            null_markers=markers,
            samples=tuple(self._samples),
            personal=self._patterns.personal(),
            checks=self._patterns.checks() if fit.type is ColumnType.TEXT else (),
            unique=self.is_key,
        )

    @property
    def is_key(self) -> bool:
        """Every row (of the first `KEY_ROWS`) has a value of its own, short enough to be looked up."""
        return bool(self._hashes) and self._longest <= _KEY_CHARS

    @property
    def key_rank(self) -> tuple[bool, bool, int]:
        """Better keys sort first: checked codes, then headers that say code, then short ones."""
        return (not self._patterns.checks(), not means_code(self._header), self._longest)
