"""What a source contract may say, checked when it is read."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.contracts.feeds import FEEDS, ColumnType, Feed

Format = Literal["csv", "csv.gz", "xlsx", "jsonl", "parquet"]
Normalisation = Literal["trim", "half_width", "collapse_spaces", "upper"]
Text = Annotated[str, Field(min_length=1)]

_PLACEHOLDERS = {"date", "version", "name"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileRule(_Strict):
    """Which landing files belong to the feed, and how their bytes are read.

    `pattern` is a path below the landing folder with `{date}` (the extract day, written as
    `date_format`), optionally `{version}` (nothing, or `_v2`, `_v3` … for a later delivery of the
    same day) and `{name}` (anything without a slash).
    """

    pattern: Text
    format: Format
    date_format: Text = "%Y%m%d"
    encodings: tuple[Text, ...] = ("utf-8",)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | int = 0

    @field_validator("pattern")
    @classmethod
    def _known_placeholders(cls, pattern: str) -> str:
        names = re.findall(r"\{([^}]*)\}", pattern)
        if "date" not in names:
            raise ValueError("must contain {date}")
        if unknown := set(names) - _PLACEHOLDERS:
            raise ValueError(f"has unknown placeholder {sorted(unknown)[0]!r}")
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise ValueError("must stay below the landing folder")
        return pattern

    @field_validator("encodings")
    @classmethod
    def _known_encodings(cls, encodings: tuple[str, ...]) -> tuple[str, ...]:
        for encoding in encodings:
            try:
                "".encode(encoding)
            except LookupError:
                raise ValueError(f"names unknown encoding {encoding!r}") from None
        return encodings


class ColumnRule(_Strict):
    """Where a canonical column's values come from and what is done to them.

    Attributes:
        headers: Header names the column may have besides its canonical name; compared without
            regard to case and surrounding spaces.
        required: A line without a value is quarantined, and a file without the header refused.
        formats: Accepted date or timestamp formats (strptime); never guessed.
        precision: Timestamps are cut to the minute where files differ in carrying seconds.
        values: Words of the file → canonical words.
        default: Canonical value where the file has none.
        constant: Canonical value of every line; the file is not asked.
        normalise: Overrides the contract's normalisation for this column.
        personal: `hash` replaces the value by a keyed hash, `mask` blanks numbers that identify
            a person inside text.
    """

    headers: tuple[Text, ...] = ()
    required: bool = False
    formats: tuple[Text, ...] | None = None
    precision: Literal["second", "minute"] = "second"
    values: dict[str, str] = Field(default_factory=dict)
    default: str | None = None
    constant: str | None = None
    normalise: tuple[Normalisation, ...] | None = None
    personal: Literal["hash", "mask"] | None = None

    @model_validator(mode="after")
    def _constant_stands_alone(self) -> Self:
        if self.constant is not None and (self.headers or self.default is not None):
            raise ValueError("'constant' excludes 'headers' and 'default'")
        return self


class Contract(_Strict):
    """One source's way of delivering one feed."""

    source: Text
    feed: Text
    version: Annotated[int, Field(ge=1)]
    time_zone: Text
    delivery: Literal["delta", "snapshot"]
    cadence: Literal["daily", "irregular"]
    files: Annotated[tuple[FileRule, ...], Field(min_length=1)]
    null_words: tuple[str, ...] = ("",)
    normalise: tuple[Normalisation, ...] = ("trim",)
    timestamp_formats: tuple[Text, ...] = ("%Y-%m-%d %H:%M:%S",)
    date_formats: tuple[Text, ...] = ("%Y-%m-%d",)
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
        if not self.rule(self.canonical.key).required:
            raise ValueError(f"columns.{self.canonical.key}: the key must be 'required: true'")
        for name, rule in self.columns.items():
            self._check_words(name, rule)
            if name == "caller_id" and rule.constant is None and rule.personal != "hash":
                raise ValueError("columns.caller_id: must be 'personal: hash'")
        return self

    def _check_words(self, name: str, rule: ColumnRule) -> None:
        column = self.canonical.column(name)
        words = column.words or (("true", "false") if column.type is ColumnType.BOOLEAN else ())
        targets = [*rule.values.values(), rule.default, rule.constant]
        wrong = [word for word in targets if word is not None and words and word not in words]
        if wrong:
            raise ValueError(f"columns.{name}: '{wrong[0]}' is not one of {', '.join(words)}")

    @property
    def canonical(self) -> Feed:
        """The canonical feed that the contract maps onto."""
        return FEEDS[self.feed]

    def rule(self, column: str) -> ColumnRule:
        """The rule of a canonical column; one that is not mentioned is optional and unmapped."""
        return self.columns.get(column, ColumnRule())
