"""`quality.publication`: what a published file says about itself, in one row."""

from dataclasses import astuple, dataclass, fields
from datetime import UTC, date, datetime

import duckdb

from pipelines import __version__
from pipelines.contracts import contracts_of
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.warehouse import open_published

TABLE = "quality.publication"
COMMENT = "One row: which version this file is, and the data it was made from."
# Column name, type and description, in the order of `Publication`.
COLUMNS = {
    "version": ("varchar", "Name of the version, as in `published/versions/`."),
    "published_at": ("timestamp", "When it was published (UTC)."),
    "data_through": ("date", "Newest extract day in the data."),
    "newest_contact_on": ("date", "Newest day with a contact, not after `data_through`."),
    "raw_fingerprint": ("varchar", "Fingerprint of the raw zone: the same data, the same value."),
    "product_version": ("varchar", "Version of the program that published it."),
    "text_masks": (
        "varchar",
        "Country by whose forms numbers in free text are masked; `accept_risk` where the contract "
        "has it published without.",
    ),
}


@dataclass(frozen=True)
class Publication:
    """The row of `quality.publication`."""

    version: str
    published_at: datetime
    data_through: date
    newest_contact_on: date | None
    raw_fingerprint: str
    product_version: str
    text_masks: str

    def __str__(self) -> str:
        """The sentence for people."""
        return (
            f"Published {self.version} at {self.published_at:%Y-%m-%d %H:%M:%S} UTC by "
            f"hotline {self.product_version}: data through {self.data_through}, newest contact "
            f"{self.newest_contact_on}, raw zone {self.raw_fingerprint}"
        )


def write_publication(
    con: duckdb.DuckDBPyConnection, settings: Settings, catalog: str, version: str
) -> None:
    """Creates the table in an attached file, from the warehouse that the connection is open on."""
    data_through, newest_contact_on, raw_fingerprint = con.execute(
        """
        select
            run.data_through,
            (
                select max(received_on) from marts.rpt_intake_daily
                where received_on <= run.data_through
            ),
            run.raw_fingerprint
        from (
            select cast(as_of as date) - 1 as data_through, raw_fingerprint from ops.run
        ) as run
        """
    ).fetchall()[0]
    publication = Publication(
        version,
        datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        data_through,
        newest_contact_on,
        raw_fingerprint,
        __version__,
        _text_masks(settings.source),
    )
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    con.execute(f"create schema if not exists {catalog}.quality")
    con.execute(f"create or replace table {catalog}.{TABLE} ({columns})")
    values = ", ".join("?" * len(COLUMNS))
    con.execute(f"insert into {catalog}.{TABLE} values ({values})", astuple(publication))
    con.execute(f"comment on table {catalog}.{TABLE} is {literal(COMMENT)}")
    for name, (_, text) in COLUMNS.items():
        con.execute(f"comment on column {catalog}.{TABLE}.{name} is {literal(text)}")


def _text_masks(source: str) -> str:
    """The countries whose masks free text has, one in most cities; empty where there is none."""
    contracts = [read.contract for read in contracts_of(source).values()]
    masks = [contract.masks for contract in contracts if contract.free_text]
    return ", ".join(sorted({(*one.countries, "accept_risk")[0] for one in masks}))


def read_publication(settings: Settings) -> Publication | None:
    """What the current published file says about itself; None where an older one says nothing.

    Raises:
        HotlineError: Nothing has been published yet, or the file is damaged.
    """
    names = ", ".join(field.name for field in fields(Publication))
    with open_published(settings) as con:
        try:
            row = con.execute(f"select {names} from {TABLE}").fetchone()
        except (duckdb.CatalogException, duckdb.BinderException):
            return None
    return Publication(*row) if row else None
