"""What the modules of the `hotline` command share: options and output."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer

From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE")]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def as_day(moment: datetime | None) -> date | None:
    """The day of an option; None where it is not given."""
    return moment.date() if moment else None


def say(sentence: str) -> None:
    """Tells people on standard error, so that output can be piped."""
    typer.echo(sentence, err=True)


def say_some(before: str, things: Sequence[str], most: int = 10) -> None:
    """Prints the first few things, each on a line of its own, and how many more there are."""
    for thing in things[:most]:
        typer.echo(f"{before}{thing}")
    if len(things) > most:
        typer.echo(f"{before}and {len(things) - most} more")


def quiet(_: str) -> None:
    """Tells nobody: the output is JSON."""


def print_json(value: Any) -> None:
    """Prints a dataclass, or a list of them."""
    plain = (
        [dataclasses.asdict(item) for item in value]
        if isinstance(value, list)
        else dataclasses.asdict(value)
    )
    typer.echo(json.dumps(plain, ensure_ascii=False, default=str, indent=2))
