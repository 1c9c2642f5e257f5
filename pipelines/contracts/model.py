"""What a source contract may say, checked when it is read."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.contracts.encodings import is_encoding
from pipelines.contracts.expressions import check_expression, headers_in
from pipelines.contracts.feeds import FEEDS, ColumnType, Feed, FeedColumn, Personal
from pipelines.contracts.formats import (
    check_format,
    check_time_zone,
    header_key,
    normalised,
)
from pipelines.contracts.patterns import check_file_date
from pipelines.masks import BY_COUNTRY, GENERAL, Masks, country_of

Format = Literal["csv", "csv.gz", "xlsx", "jsonl", "json", "parquet"]
JSON_FORMATS = ("jsonl", "json")
# Formats whose cells have types of their own.
TYPED_FORMATS = ("xlsx", "parquet")
Normalisation = Literal["trim", "half_width", "collapse_spaces", "upper", "phone"]
# What is done to a column whatever its contract says: keys and words have one spelling.
Step = Normalisation | Literal["code"]
Text = Annotated[str, Field(min_length=1)]
TimeText = Annotated[Text, AfterValidator(check_format)]

_PLACEHOLDERS = {"date", "version", "name"}
# What gives a column its value.
_SOURCES = ("headers", "first_filled", "joined", "sql", "constant")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)


class FileRule(_Strict):
    """Which landing files belong to the feed, and how their bytes are read.

    `pattern` is a path below the landing folder with `{date}` (the extract day, written as
    `date_format`), optionally `{version}` (nothing, or `_v2`, `_v3` … for a later delivery of the
    same day) and `{name}` (anything without a slash).

    A `json` file is one array of objects, or has it at `records`: `features`, `result.rows`. There
    and in `jsonl`, a header with points leads into an object: `attributes.id`, `tags.0`.

    The header is the `header_row`-th line that is not blank. Where it has several `header_rows`
    (merged cells over columns), the lowest one that is filled names the column.

    A text is in the first of the `encodings` that fits: Python's names, and `windows-936` (GBK
    with the euro sign at 80) and `cesu-8` (emoji of an Oracle database). A line with bytes that
    are no text is quarantined.

    A file is read `at_once`, or only when a `marker` is next to it (its name and `.ready`), or
    when it has been `quiet`: not written to for as long as policy asks.
    """

    pattern: Text
    format: Format
    date_format: Annotated[Text, AfterValidator(check_file_date)] = "%Y%m%d"
    encodings: tuple[Text, ...] = ("utf-8",)
    delimiter: Annotated[str, Field(min_length=1, max_length=5)] = ","
    sheet: str | Annotated[int, Field(ge=0)] = 0
    records: Text | None = None
    header_row: Annotated[int, Field(ge=1)] = 1
    header_rows: Annotated[int, Field(ge=1, le=3)] = 1
    ready: Literal["at_once", "marker", "quiet"] = "at_once"

    @field_validator("pattern")
    @classmethod
    def _known_placeholders(cls, pattern: str) -> str:
        names = re.findall(r"\{([^}]*)\}", pattern)
        if "date" not in names:
            raise ValueError("must contain {date}")
        if unknown := set(names) - _PLACEHOLDERS:
            raise ValueError(f"has unknown placeholder {sorted(unknown)[0]!r}")
        if twice := [name for name in ("date", "version") if names.count(name) > 1]:
            raise ValueError(f"has {{{twice[0]}}} twice")
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise ValueError("must stay below the landing folder")
        return pattern

    @field_validator("encodings")
    @classmethod
    def _known_encodings(cls, encodings: tuple[str, ...]) -> tuple[str, ...]:
        for encoding in encodings:
            if not is_encoding(encoding):
                raise ValueError(f"names unknown encoding {encoding!r}")
        return encodings

    @field_validator("delimiter")
    @classmethod
    def _a_delimiter_is_no_quote(cls, delimiter: str) -> str:
        if set(delimiter) & set('"\r\n\0\x1e'):
            raise ValueError("must not be a quote, a line break or NUL")
        return delimiter

    @model_validator(mode="after")
    def _only_tables_have_header_rows(self) -> Self:
        if self.records and self.format != "json":
            raise ValueError(f"'records' means nothing for {self.format}")
        is_first = (self.header_row, self.header_rows) == (1, 1)
        if self.format in (*JSON_FORMATS, "parquet") and not is_first:
            raise ValueError(f"'header_row' and 'header_rows' mean nothing for {self.format}")
        return self


class ColumnRule(_Strict):
    """Where a canonical column's values come from and what is done to them.

    A value is that of one header (`headers`: the names it may have), of several (`first_filled`,
    `joined`, `sql`), or a `constant`.

    Attributes:
        headers: Header names the column may have; its canonical name where none is given. Compared
            without regard to case, blanks, width and invisible characters; paths into JSON as they
            are written.
        first_filled: Headers of which the first that has a value gives it.
        joined: Headers whose values are joined: an id made of two, a date and a time. What is
            empty is left out of a text; a key, a code or a time with a part missing has no value.
        separator: Between joined values.
        sql: A DuckDB expression over the headers of the line, as texts without outer blanks, null
            where they have no value. What cannot be computed has no value.
        required: A line without a value is quarantined, a file without the header not loaded.
        formats: Accepted date or timestamp formats; never guessed. Those of strptime, among them
            `%z` (an offset, or Z), and `excel_serial`, `epoch_s` and `epoch_ms`. What two of them
            read as different days is quarantined as ambiguous.
        precision: Timestamps are cut to the minute where files differ in carrying seconds.
        values: Words of the file → canonical words.
        else: Canonical word of any other value.
        filled: Canonical word of any value: closed, where there is a closing date.
        default: Canonical value where the file has none.
        constant: Canonical value of every line; the file is not asked.
        null_words: Words that mean no value in this column, besides the contract's.
        normalise: Overrides the contract's normalisation for this column.
        personal: `hash` replaces the value by a keyed hash, `mask` blanks numbers that identify
            a person inside text. Either way the text is made half-width first: the masks know
            no other digits. A column that is personal in every source need not say it here.
    """

    headers: tuple[Text, ...] = ()
    first_filled: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    joined: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    separator: str | None = None
    sql: Annotated[Text, AfterValidator(check_expression)] | None = None
    required: bool = False
    formats: Annotated[tuple[TimeText, ...], Field(min_length=1)] | None = None
    precision: Literal["second", "minute"] = "second"
    values: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = Field(None, alias="else")
    filled: str | None = None
    default: str | None = None
    constant: str | None = None
    null_words: tuple[str, ...] = ()
    normalise: tuple[Normalisation, ...] | None = None
    personal: Personal | None = None

    @model_validator(mode="after")
    def _one_place_gives_the_value(self) -> Self:
        if self.constant is not None and (self.headers or self.default is not None):
            raise ValueError("'constant' excludes 'headers' and 'default'")
        named = [name for name in _SOURCES if getattr(self, name) not in (None, ())]
        if len(named) > 1:
            raise ValueError(f"'{named[0]}' excludes '{named[1]}'")
        if self.separator is not None and not self.joined:
            raise ValueError("'separator' is for 'joined'")
        if self.filled is not None and (self.values or self.otherwise is not None):
            raise ValueError("'filled' excludes 'values' and 'else'")
        return self

    @property
    def made_of(self) -> tuple[str, ...]:
        """The headers of which its value is made, if it is made of several."""
        return self.first_filled or self.joined or tuple(headers_in(self.sql) if self.sql else ())

    @property
    def meant(self) -> tuple[str | None, ...]:
        """The canonical values that it may give whatever the file says."""
        return self.otherwise, self.filled, self.default, self.constant

    @property
    def is_made(self) -> bool:
        """Whether its value is made of several headers, so that no one field of a line is its."""
        return bool(self.first_filled or self.joined or self.sql)


class Contract(_Strict):
    """One source's way of delivering one feed.

    Times are kept as the civil time of `time_zone`. One that is given as an instant (an offset, a
    count since 1970, or a Z at the end of its format) is converted; `letter_z: local` says that
    the system writes the Z without meaning UTC.

    Free text is masked as is usual in the `country` (ISO 3166; that of the time zone if it is not
    said). Where no masks are known for it, free text is not read, unless the contract says
    `publish_text: accept_risk`; then only e-mail addresses and card numbers are masked.

    Nothing is read that `columns` does not name, and no other header where it names some, unless
    the contract is `implicit`: then a header that is a canonical name is that column, too.
    """

    source: Text
    feed: Text
    version: Annotated[int, Field(ge=1)]
    time_zone: Annotated[Text, AfterValidator(check_time_zone)]
    delivery: Literal["delta", "snapshot"]
    cadence: Literal["daily", "irregular"]
    key: tuple[Text, ...]
    files: Annotated[tuple[FileRule, ...], Field(min_length=1)]
    null_words: tuple[str, ...] = ("",)
    normalise: tuple[Normalisation, ...] = ("trim",)
    timestamp_formats: Annotated[tuple[TimeText, ...], Field(min_length=1)] = ("%Y-%m-%d %H:%M:%S",)
    date_formats: Annotated[tuple[TimeText, ...], Field(min_length=1)] = ("%Y-%m-%d",)
    letter_z: Literal["utc", "local"] = "utc"
    implicit: bool = False
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    publish_text: Literal["masked", "accept_risk"] = "masked"
    columns: dict[str, ColumnRule]

    @field_validator("feed")
    @classmethod
    def _known_feed(cls, feed: str) -> str:
        if feed not in FEEDS:
            raise ValueError(f"must be one of {', '.join(FEEDS)}")
        return feed

    @model_validator(mode="after")
    def _columns_fit_the_feed(self) -> Self:
        known = {c.name for c in self.canonical.columns}
        for name in self.columns:
            if name not in known:
                raise ValueError(f"columns.{name}: feed '{self.feed}' has no such column")
        if self.key != self.canonical.keys:
            wanted = ", ".join(self.canonical.keys)
            raise ValueError(f"key: the key of feed '{self.feed}' is {wanted}")
        for name in self.key:
            if not self.rule(name).required:
                raise ValueError(f"columns.{name}: the key must be 'required: true'")
            if any(word is not None for word in self.rule(name).meant):
                raise ValueError(f"columns.{name}: one word for all lines is no key")
        for name, rule in self.columns.items():
            column = self.canonical.column(name)
            self._check_words(column, rule)
            self._check_personal(column, rule)
        return self

    @model_validator(mode="after")
    def _free_text_has_masks(self) -> Self:
        if self.free_text and self.masks is GENERAL and self.publish_text == "masked":
            where = f"country {self.country}" if self.country else f"time zone {self.time_zone}"
            raise ValueError(
                f"columns.{self.free_text[0]}: no masks are known for {where}, so free text cannot "
                "be read. Leave it out, name the country ('country: US'), or say "
                "'publish_text: accept_risk'"
            )
        return self

    @property
    def free_text(self) -> list[str]:
        """The columns that it reads and masks."""
        columns = self.canonical.columns
        return [c.name for c in columns if self.personal(c) == "mask" and self._is_read(c)]

    @property
    def masks(self) -> Masks:
        """The masks of its country."""
        country = self.country or country_of(self.time_zone)
        return BY_COUNTRY.get(country or "", GENERAL)

    def _is_read(self, column: FeedColumn) -> bool:
        return self.implicit or column.name in self.columns

    def _check_personal(self, column: FeedColumn, rule: ColumnRule) -> None:
        if rule.personal and column.personal not in (None, rule.personal):
            raise ValueError(f"columns.{column.name}: must be 'personal: {column.personal}'")
        if rule.personal and (column.type is not ColumnType.TEXT or column.words):
            raise ValueError(f"columns.{column.name}: only text can be personal")

    def _check_words(self, column: FeedColumn, rule: ColumnRule) -> None:
        name, meant = column.name, dict[str, str]()
        for word, target in rule.values.items():
            if meant.setdefault(normalised(word, self.steps(column)), target) != target:
                raise ValueError(f"columns.{name}: '{word}' has two meanings once it is normalised")
        words = column.words or (("true", "false") if column.type is ColumnType.BOOLEAN else ())
        targets = [*rule.values.values(), *rule.meant]
        wrong = [word for word in targets if word is not None and words and word not in words]
        if wrong:
            raise ValueError(f"columns.{name}: '{wrong[0]}' is not one of {', '.join(words)}")
        for value in rule.meant:
            if value and column.type is ColumnType.INTEGER and not re.fullmatch("-?[0-9]+", value):
                raise ValueError(f"columns.{name}: '{value}' is not a whole number")

    @property
    def canonical(self) -> Feed:
        """The canonical feed that the contract maps onto."""
        return FEEDS[self.feed]

    def rule(self, column: str) -> ColumnRule:
        """The rule of a canonical column; one that is not mentioned is optional and unmapped."""
        return self.columns.get(column, ColumnRule())

    def personal(self, column: FeedColumn) -> Personal | None:
        """What becomes of a column's personal values; a contract can add to it, not take away."""
        return column.personal or self.rule(column.name).personal

    def steps(self, column: FeedColumn) -> tuple[Step, ...]:
        """The normalisation of a column; personal text is half-width, as the masks expect it."""
        rule = self.rule(column.name)
        steps: tuple[Step, ...] = self.normalise if rule.normalise is None else rule.normalise
        if self.personal(column):
            steps = (*steps, "half_width")
        return steps if column.is_free_text else (*steps, "code")

    def formats(self, column: FeedColumn) -> tuple[str, ...]:
        """The accepted formats of a date or timestamp column."""
        is_date = column.type is ColumnType.DATE
        standard = self.date_formats if is_date else self.timestamp_formats
        return self.rule(column.name).formats or standard

    def headers(self, column: FeedColumn) -> tuple[str, ...]:
        """The headers that name a column, as they are compared."""
        rule = self.rule(column.name)
        if rule.is_made or not self._is_read(column):
            return ()
        names = rule.headers or (column.name,)
        return tuple(header_key(name) for name in (*names, *[column.name] * self.implicit))

    def paths(self) -> list[str]:
        """The headers that may lead into an object: those with a point."""
        rules = self.columns.values()
        names = [name for rule in rules for name in (*rule.headers, *rule.made_of)]
        return sorted({name for name in names if "." in name.strip(".")})

    def wanted_headers(self) -> set[str]:
        """All headers that it reads, as they are compared."""
        columns = self.canonical.columns
        names = {name for column in columns for name in self.headers(column)}
        return names | {header_key(n) for rule in self.columns.values() for n in rule.made_of}
