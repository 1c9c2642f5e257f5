"""What the modules of the `hotline` command share: options and output."""

import dataclasses
import json
from datetime import date, datetime
from typing import Annotated, Any

import typer

from pipelines.progress import Say, silent

From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE")]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def as_day(timestamp: datetime | None) -> date | None:
    """The day of an option; None where it is not given."""
    return timestamp.date() if timestamp else None


def say(sentence: str) -> None:
    """Prints a message on standard error, so that output can be piped."""
    typer.echo(sentence, err=True)


def printer(as_json: bool) -> Say:
    """Prints the sentences of a step, unless its result is printed as JSON."""
    return silent if as_json else typer.echo


def print_json(value: Any) -> None:
    """Prints a dataclass, or a list of them."""
    plain = (
        [dataclasses.asdict(item) for item in value]
        if isinstance(value, list)
        else dataclasses.asdict(value)
    )
    typer.echo(json.dumps(plain, ensure_ascii=False, default=str, indent=2))
