"""The published tables, read from the one list of them: dbt's exposures."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT

MODELS = DBT_PROJECT / "models"
EXPOSURES = MODELS / "exposures.yml"


@dataclass(frozen=True)
class PublishedTable:
    """A table that readers rely on by name.

    Attributes:
        schema: Schema in the published file.
        name: Name of the table.
        label: What it is, for people.
        description: What it is for.
        grain: What one row is.
        key: Columns that name a row.
        maturity: How settled name, key and meaning are.
        owner: E-mail address of those who answer for it.
        model: The dbt model that makes it; None where the gates write it.
        affected_by: By which list of `models/affected` its rows change; None for a small table.
        affected_day: The column of the day by which its rows are found, where there is one.
    """

    schema: str
    name: str
    label: str
    description: str
    grain: str
    key: tuple[str, ...]
    maturity: Literal["high", "medium", "low"]
    owner: str
    model: str | None
    affected_by: str | None
    affected_day: str | None

    @property
    def full_name(self) -> str:
        """The table as a query names it: `marts.fct_appeals`."""
        return f"{self.schema}.{self.name}"


class _Meta(BaseModel):
    model_config = ConfigDict(extra="forbid")
    grain: str
    key: tuple[str, ...] = Field(min_length=1)
    affected_by: Literal["contact_id", "on_date", "point"] | None = None
    affected_day: str | None = None
    table_schema: str | None = Field(default=None, alias="schema")


class _Exposure(BaseModel):
    name: str
    label: str
    description: str
    maturity: Literal["high", "medium", "low"]
    owner: dict[Literal["name", "email"], str]
    depends_on: tuple[str, ...] = ()
    config: dict[Literal["meta"], _Meta]


@cache
def published_tables(exposures: Path = EXPOSURES) -> tuple[PublishedTable, ...]:
    """All published tables, in the order of the list.

    Raises:
        HotlineError: The list cannot be read, or a table's schema is not known.
    """
    try:
        listed = yaml.safe_load(exposures.read_text(encoding="utf-8"))["exposures"]
        return tuple(_table(_Exposure.model_validate(entry)) for entry in listed)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HotlineError(
            f"{exposures.name} is wrong at {place}: {first['msg']}. Correct the list of tables."
        ) from None


def _table(exposure: _Exposure) -> PublishedTable:
    refs = [ref.removeprefix("ref('").removesuffix("')") for ref in exposure.depends_on]
    model = refs[0] if refs else None
    meta = exposure.config["meta"]
    return PublishedTable(
        schema=meta.table_schema or _schema_of(model),
        name=exposure.name,
        label=exposure.label,
        description=exposure.description,
        grain=meta.grain,
        key=meta.key,
        maturity=exposure.maturity,
        owner=exposure.owner["email"],
        model=model,
        affected_by=meta.affected_by,
        affected_day=meta.affected_day,
    )


def _schema_of(model: str | None) -> str:
    """The folder of a model below `models/`, which names its schema."""
    files = list(MODELS.rglob(f"{model}.sql"))
    if len(files) != 1:
        raise HotlineError(
            f"{EXPOSURES.name} names the model '{model}', and models/ has {len(files)} of it. "
            "Correct the list of tables."
        )
    return files[0].relative_to(MODELS).parts[0]
