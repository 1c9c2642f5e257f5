"""The commands about lines that could not be read, and about how long personal data is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_shared import From, Json, To, as_day, print_json, say
from pipelines.progress import progress
from pipelines.settings import Settings

quarantine_app = typer.Typer(no_args_is_help=True, help="Lines that could not be read.")


@quarantine_app.command("list")
def quarantine_list(
    context: typer.Context,
    feed: Annotated[str | None, typer.Option(help="Only this feed.")] = None,
    by: Annotated[str, typer.Option(help="reason, unit or day.")] = "reason",
    as_json: Json = False,
) -> None:
    """Counts quarantined lines by reason, unit or day; never shows their text.

    Example: hotline quarantine list --feed contacts --by unit
    """
    from pipelines import quarantine

    lists: dict[str, Callable[[Settings, str | None], list[Any]]] = {
        "reason": quarantine.list_reasons,
        "unit": quarantine.list_units,
        "day": quarantine.list_days,
    }
    if by not in lists:
        raise typer.BadParameter("choose reason, unit or day", param_hint="--by")
    rows = lists[by](context.obj, feed)
    if as_json:
        print_json(rows)
        return
    for sentence in quarantine.obsolete_corrections(context.obj):
        say(sentence)
    typer.echo("\n".join(row.line() for row in rows) or "Quarantine is empty.")


@quarantine_app.command("export")
def quarantine_export(
    context: typer.Context,
    feed: Annotated[str | None, typer.Option(help="Only this feed.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the workbooks.  [default: in quarantine/exports]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Writes a workbook per responsible unit, to be repaired; it holds personal data.

    Example: hotline quarantine export --feed dispatches
    """
    from pipelines.quarantine import export

    result = export(context.obj, feed, out)
    if as_json:
        print_json(result)
        return
    if not result.workbooks:
        typer.echo("Quarantine is empty: nothing was written.")
        return
    for book in result.workbooks:
        others = f", {book.side_files} of them in text files next to it" * bool(book.side_files)
        typer.echo(f"{book.path}: {book.lines:,} lines{others}")
    typer.echo("These workbooks hold personal data. `hotline retention` removes old ones")
    typer.echo("from quarantine/exports; elsewhere remove them yourself.")


@quarantine_app.command("replay")
def quarantine_replay(
    context: typer.Context,
    workbooks: Annotated[list[Path] | None, typer.Argument(metavar="WORKBOOK")] = None,
    feed: Annotated[str | None, typer.Option(help="Only this feed.")] = None,
    start: From = None,
    end: To = None,
    as_json: Json = False,
) -> None:
    """Loads quarantined days again, with the lines repaired in workbooks, if any.

    Example: hotline quarantine replay repaired/110101001.xlsx, or hotline quarantine replay
    """
    from pipelines.quarantine import replay

    with progress(quiet=as_json) as report:
        result = replay(context.obj, workbooks or (), feed, as_day(start), as_day(end), report)
    if as_json:
        print_json(result)
        return
    typer.echo("\n".join(result.lines()))


def retention(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Deletes landing files, quarantine and exports that are older than policy keeps them.

    Example: hotline retention --dry-run
    """
    from pipelines.retention import retain

    result = retain(context.obj, dry_run)
    if as_json:
        print_json(result)
        return
    typer.echo("\n".join(result.lines()))
