"""One column seen row by row: which types every value fits, what stands for missing, whether it could be a key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache, cached_property, partial
from typing import Any

import msgspec
import pyarrow as pa

from shuqiao.store.casting import all_fit
from shuqiao.store.cells import BOOLEAN_FORMS, DATE_FORMS, DATETIME_FORMS, MAX_DIGITS, TypeFit, parser_for
from shuqiao.store.compute import compute as pc
from shuqiao.store.days import MONTH_FORMS
from shuqiao.store.sniffing.noticing import Nearly, Numbers
from shuqiao.store.sniffing.personal import Patterns, means_code
from shuqiao.store.sniffing.uniqueness import AllDifferent
from shuqiao.store.types import ColumnPreview, ColumnType, Hint

NULL_MARKERS = frozenset(
    [
        "N/A",
        "n/a",
        "NA",
        "#N/A",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "NULL",
        "null",
        "None",
        "nan",
        "NaN",
        "无",
        "暂无",
    ]
)
_PATTERN_ROWS = 200_000
_SAMPLES = 5
_SAMPLED = 2_000
_SAMPLE_CHARS = 60
_KEY_CHARS = 64
_CODE_WIDTH = 6
_TRIED_FIRST = 20

_INTEGER = TypeFit(ColumnType.INTEGER)
_FITS = (
    *(TypeFit(ColumnType.BOOLEAN, form) for form in BOOLEAN_FORMS),
    _INTEGER,
    *(TypeFit(ColumnType.DATE, form) for form in DATE_FORMS if form not in MONTH_FORMS),
    *(TypeFit(ColumnType.DATETIME, form) for form in DATETIME_FORMS),
)
_BARE_DAYS = TypeFit(ColumnType.DATE, "YYYYMMDD")
_DATE_WORDS = re.compile(r"日期|时间|年月日|日$|date|day|time", re.IGNORECASE)
_PLAUSIBLE = ("19000101", "21001231")
_ENOUGH_DAYS = 20
_DECIMAL = r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\z"
_MINUS_NOTHING = r"\A-[0.]+\z"


@cache
def _marks() -> Any:
    """Made at first use: pyarrow looks for pandas when it makes an array, and loads it where it is installed."""
    return pa.array(sorted(NULL_MARKERS), pa.string())


class _Decimals:
    """Whether all values are decimals that can be written back as they stood."""

    def __init__(self) -> None:
        self.possible = True
        self.whole = 0
        self.least = MAX_DIGITS
        self.most = 0
        self.padded = False

    def update(self, values: Any) -> None:
        """Look at more texts."""
        if not pc.all(pc.match_substring_regex(values, _DECIMAL)).as_py():
            self.possible = False
            return
        unsigned = pc.utf8_ltrim(values, characters="-")
        if pc.any(pc.match_substring_regex(values, _MINUS_NOTHING)).as_py():
            self.possible = False  # "-0" would come back as "0"
            return
        sizes, point = pc.binary_length(unsigned), pc.find_substring(unsigned, ".")
        pointed = pc.greater_equal(point, 0)
        whole = pc.if_else(pointed, point, sizes)
        places = pc.if_else(pointed, pc.subtract(pc.subtract(sizes, point), 1), 0)
        least, most = pc.min_max(places).as_py().values()
        self.whole = max(self.whole, pc.max(whole).as_py())
        self.least, self.most = min(self.least, least), max(self.most, most)
        self.padded |= pc.any(pc.and_(pointed, pc.ends_with(unsigned, "0"))).as_py()
        self.possible = self.whole + self.most <= MAX_DIGITS

    def update_integers(self, longest: int) -> None:
        """Look at more texts that are integers for certain."""
        self.whole, self.least = max(self.whole, longest), 0
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

    def __init__(self, header: str, source: str, checks: tuple[str, ...] = ()) -> None:
        self._header, self._source = header, source
        self._rows = self._nulls = self._longest = 0
        self._shortest = _KEY_CHARS
        self._markers: Counter[str] = Counter()
        self._samples: dict[str, None] = {}
        self._fits = list(_FITS)
        self._decimals = _Decimals()
        self._numbers = Numbers()
        self._nearly = Nearly()
        self._patterns = Patterns(header, checks)
        self._different: AllDifferent | None = AllDifferent()
        self._solid = False

    def update(self, texts: Any, line_of: Callable[[int], int] | None = None) -> None:
        """Look at the next values (an Arrow array of texts, null where the cell was not there), sound rows only.
        `line_of` tells the line of the n-th of them."""
        if not len(texts):
            return
        solid = self._solid_part(texts)
        if self._different is not None and (len(solid) < len(texts) or not self._different.add(texts)):
            self._not_different()
        if self._rows < _PATTERN_ROWS and len(solid):
            self._patterns.update(pc.unique(solid))
        self._rows += len(texts)
        if not len(solid):
            return
        self._solid = True
        self._patterns.count(solid)
        lengths = pc.min_max(pc.utf8_length(solid))
        self._shortest = min(self._shortest, lengths["min"].as_py())
        self._longest = max(self._longest, lengths["max"].as_py())
        self._judge_types(solid, partial(_line, texts, solid, line_of))
        if len(self._samples) < _SAMPLES:
            for value in pc.unique(solid.slice(0, _SAMPLED)).to_pylist():
                if len(self._samples) < _SAMPLES:
                    self._samples[value[:_SAMPLE_CHARS]] = None

    def _solid_part(self, texts: Any) -> Any:
        """The texts that are values; the others are counted."""
        empty = pc.equal(texts, "").fill_null(fill_value=True)
        marked = pc.is_in(texts, value_set=_marks())
        nothing = pc.sum(empty).as_py()
        self._nulls += nothing
        if pc.any(marked).as_py():
            for pair in pc.value_counts(texts.filter(marked)).to_pylist():
                self._markers[pair["values"]] += pair["counts"]
        elif not nothing:
            return texts
        return texts.filter(pc.invert(pc.or_(empty, marked)))

    def _not_different(self) -> None:
        if self._different is not None:
            self._different.close()
        self._different = None

    def fill_missing(self, rows: int) -> None:
        """The column was not there in `rows` earlier rows."""
        if rows:
            self._rows += rows
            self._nulls += rows
            self._not_different()

    def close(self) -> None:
        """Give memory and files back."""
        self._not_different()

    def _judge_types(self, solid: Any, place: Callable[[int], int]) -> None:
        before = self._fits
        if before:
            tried = solid.slice(0, _TRIED_FIRST).to_pylist()
            self._fits = [fit for fit in before if _parses(tried, fit) and all_fit(solid, fit)]
            if _BARE_DAYS in self._fits and not _plausible(solid):
                self._fits.remove(_BARE_DAYS)
        dropped = [fit for fit in before if fit not in self._fits]
        self._nearly.update(solid, dropped, place)
        self._judge_decimals(solid)
        if _INTEGER in self._fits or self._decimals.possible:
            self._numbers.skip(len(solid))
        elif not self._fits:
            self._numbers.update(solid)

    def _judge_decimals(self, solid: Any) -> None:
        if not self._decimals.possible:
            return
        if _INTEGER in self._fits:
            whole = pc.utf8_ltrim(solid, characters="-")
            self._decimals.update_integers(pc.max(pc.binary_length(whole)).as_py())
        else:
            self._decimals.update(solid)

    def _fit(self) -> TypeFit:
        text = TypeFit(ColumnType.TEXT)
        if not self._solid:
            return text
        found = (self._fits[0] if self._fits else None) or self._decimals.fit() or text
        if found.type is ColumnType.INTEGER and _BARE_DAYS in self._fits and not means_code(self._header):
            enough = self._rows - self._nulls >= _ENOUGH_DAYS
            return _BARE_DAYS if enough or _DATE_WORDS.search(self._header) else text
        if found.type is ColumnType.INTEGER:
            same_width = self._shortest == self._longest >= _CODE_WIDTH
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
        seen = ColumnPreview(
            header=self._header,
            source=self._source,
            type=fit.type,
            form=fit.form,
            scale=fit.scale,
            nulls=self._nulls,
            null_markers=markers,
            samples=tuple(self._samples),
            personal=self._patterns.personal(),
            checks=self._patterns.checks() if fit.type is ColumnType.TEXT else (),
            failing=self._patterns.failing(),
            hints=self._hints() if fit.type is ColumnType.TEXT else (),
            unique=self.is_key,
        )
        if seen.takes_marks:
            seen = msgspec.structs.replace(seen, nulls=self._nulls + self._markers.total())
        return seen

    def _hints(self) -> tuple[Hint, ...]:
        is_code = means_code(self._header) or bool(self._patterns.checks())
        nearly = self._nearly.hint()
        if is_code:
            nearly = tuple(one for one in nearly if one.type is not ColumnType.INTEGER)
        return nearly or self._numbers.hints(is_code)

    @cached_property
    def is_key(self) -> bool:
        """Every row has a value of its own, short enough to be looked up. Ask when all rows have been seen."""
        if self._different is None or not self._rows or self._longest > _KEY_CHARS:
            return False
        return self._different.answer()

    @property
    def key_rank(self) -> tuple[bool, bool, int]:
        """Better keys sort first: checked codes, then headers that say code, then short ones."""
        return (not self._patterns.checks(), not means_code(self._header), self._longest)


def _parses(texts: list[str], fit: TypeFit) -> bool:
    parse = parser_for(fit)
    try:
        for text in texts:
            if parse is not None:
                parse(text)
    except ValueError:
        return False
    return True


def _plausible(solid: Any) -> bool:
    """Whether days without separators are days of our time, and not numbers that look like some."""
    least, greatest = pc.min_max(solid).as_py().values()
    return bool(least >= _PLAUSIBLE[0] and greatest <= _PLAUSIBLE[1])


def _line(texts: Any, solid: Any, line_of: Callable[[int], int] | None, place: int) -> int:
    """The line of the n-th value; 0 where it is not known."""
    if line_of is None:
        return 0
    return line_of(place if len(solid) == len(texts) else pc.index(texts, solid[place]).as_py())
