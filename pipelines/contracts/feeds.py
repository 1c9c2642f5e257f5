"""The canonical feeds: what every source is mapped onto, whatever its files look like."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Personal = Literal["hash", "mask"]


class ColumnType(StrEnum):
    """Types a canonical column can have; each is a DuckDB type of the raw zone."""

    TEXT = "varchar"
    TIMESTAMP = "timestamp"
    DATE = "date"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class FeedColumn:
    """One canonical column.

    Attributes:
        name: Canonical name.
        type: Type in the raw zone; follows from the name's ending (`_at`, `_on`, `is_`).
        words: The closed list of words an enumeration may hold; empty for open code lists,
            whose unknown codes become inferred members instead of being quarantined.
        personal: What becomes of its personal values in every source, whatever a contract says.
    """

    name: str
    type: ColumnType
    words: tuple[str, ...] = ()
    personal: Personal | None = None

    @property
    def is_key_or_code(self) -> bool:
        """Whether its values name something."""
        return self.name.endswith(("_id", "_code"))

    @property
    def is_free_text(self) -> bool:
        """Whether it holds what people write, not a key, a code, a word of a list or a number."""
        return self.type is ColumnType.TEXT and not self.words and not self.is_key_or_code

    @property
    def is_time(self) -> bool:
        """Whether its values are read by formats of dates or times."""
        return self.type in (ColumnType.TIMESTAMP, ColumnType.DATE)


@dataclass(frozen=True)
class Feed:
    """A canonical feed: its columns in order, those of the key first."""

    name: str
    columns: tuple[FeedColumn, ...] = field(repr=False)
    key_width: int = 1

    @property
    def key(self) -> str:
        """The key column."""
        return self.columns[0].name

    @property
    def keys(self) -> tuple[str, ...]:
        """All columns of the key; more than one only in a register of pairs."""
        return tuple(column.name for column in self.columns[: self.key_width])

    @property
    def raw_columns(self) -> dict[str, str]:
        """Column name → DuckDB type as stored in the raw zone.

        `caller_id` is personal and is stored as `caller_key`, its keyed hash.
        """
        types = {raw_name(c.name): c.type.value for c in self.columns}
        return types | {"_source_file": "varchar", "_source_line": "bigint"}

    def column(self, name: str) -> FeedColumn:
        """The column of that name."""
        return next(c for c in self.columns if c.name == name)


def raw_name(column: str) -> str:
    """Name of a canonical column in the raw zone."""
    return "caller_key" if column == "caller_id" else column


ENUMERATIONS = {
    "order_type": ("appeal", "consultation", "praise", "other"),
    "exclusion": ("none", "excluded", "suspended"),
    "role": ("lead", "assist"),
    "route": ("direct", "via_district", "whistle"),
    "status": ("open", "closed", "returned"),
    "satisfaction": ("satisfied", "basically_satisfied", "dissatisfied"),
    "assessment_scope": ("full", "response_only", "none"),
    "kind": ("task", "policy"),
}


# What people say or write may name them; a register's titles are those of documents.
PERSONAL: dict[str, dict[str, Personal]] = {
    "contacts": {
        "caller_id": "hash",
        "community": "mask",
        "point": "mask",
        "title": "mask",
        "content": "mask",
    },
    "dispatches": {"return_reason": "mask"},
}


def _type_of(name: str) -> ColumnType:
    if name.endswith("_at"):
        return ColumnType.TIMESTAMP
    if name.endswith("_on"):
        return ColumnType.DATE
    if name.startswith("is_"):
        return ColumnType.BOOLEAN
    if name in ("sequence_no", "year"):
        return ColumnType.INTEGER
    return ColumnType.TEXT


def _feed(name: str, columns: str, key_width: int = 1) -> Feed:
    personal = PERSONAL.get(name, {})
    return Feed(
        name,
        tuple(
            FeedColumn(c, _type_of(c), ENUMERATIONS.get(c, ()), personal.get(c))
            for c in columns.split()
        ),
        key_width,
    )


FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        _feed(
            "contacts",
            "contact_id received_at order_type channel_code caller_id problem_code district_code "
            "street_code community point title content exclusion updated_at",
        ),
        _feed(
            "dispatches",
            "dispatch_id contact_id sequence_no unit_code role route dispatched_at accepted_at "
            "due_at closed_at status return_reason is_hard_case updated_at",
        ),
        _feed(
            "ratings",
            "rating_id dispatch_id contact_id followed_up_at is_reached is_responded is_resolved "
            "is_part_resolved satisfaction assessment_scope exclusion updated_at",
        ),
        _feed("topics", "topic_id year theme topic_name lead_unit_code starts_on ends_on"),
        _feed("topic_problems", "topic_id problem_code", key_width=2),
        _feed("topic_tasks", "task_id topic_id unit_code title kind due_on completed_on"),
    )
}

# Feeds that make facts and are built incrementally; the others are registers, read whole.
FACT_FEEDS = ("contacts", "dispatches", "ratings")
