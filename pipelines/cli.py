"""The `hotline` command. Each command is a thin layer over one function of the package."""

import atexit
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_quarantine import quarantine_app, retention
from pipelines.cli_shared import From, Json, To, as_day, print_json, printer, say
from pipelines.errors import HotlineError
from pipelines.progress import first_few, progress, silent
from pipelines.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From a city hotline's daily extracts to trusted marts and a ranked list of problems.",
)
contracts_app = typer.Typer(no_args_is_help=True, help="Source contracts: how files are read.")
app.add_typer(contracts_app, name="contracts")
app.add_typer(quarantine_app, name="quarantine")

Period = Annotated[str, typer.Argument(help="Statistical period, e.g. 2021-03.")]

# Options of the whole command; they are accepted before and after the name of a sub-command.
GLOBAL_OPTIONS = ("--home", "--source")


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of all data.  [env: HOTLINE_HOME; default: ./data]")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source contracts.  [env: HOTLINE_SOURCE; default: beijing]")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version of the program and of the data.")
    ] = False,
) -> None:
    """Reads the settings once for every command."""
    context.obj = Settings.from_env(home, source)
    if version:
        _print_versions(context.obj)
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.fail("Missing command.")


def _print_versions(settings: Settings) -> None:
    from pipelines import __version__
    from pipelines.publish import read_publication

    typer.echo(f"hotline {__version__}")
    if not settings.published.is_file():
        typer.echo(f"Nothing is published in {settings.home} yet")
        return
    typer.echo(read_publication(settings) or "Published by a version that did not say which")


@app.command()
def simulate(
    context: typer.Context,
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE")],
    scale: Annotated[float, typer.Option(help="1.0 is the real city's volume.")] = 0.01,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 20210101,
    defects: Annotated[bool, typer.Option(help="Add what real extracts have.")] = False,
    as_json: Json = False,
) -> None:
    """Writes invented landing files, calibrated to published figures.

    Example: hotline simulate --from 2021-01-19 --to 2021-03-18 --scale 0.1 --defects
    """
    from pipelines.simulate import simulate as run

    with progress(quiet=as_json) as report:
        result = run(context.obj, start.date(), end.date(), scale, seed, defects, report)
    if as_json:
        print_json(result)
        return
    typer.echo(
        f"{len(result.files)} files in {context.obj.landing}: "
        f"{result.lines('contacts'):,} contact lines, {result.lines('dispatches'):,} dispatch "
        f"lines, {result.lines('ratings'):,} rating lines."
    )


@app.command()
def load(
    context: typer.Context,
    start: From = None,
    end: To = None,
    feed: Annotated[list[str] | None, typer.Option(help="Only this feed; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Loads landing files into the raw zone; bad lines go to quarantine.

    Example: hotline load --from 2021-03-01 --to 2021-03-07 --feed contacts
    """
    from pipelines.chain import load_days

    with progress(quiet=as_json) as report:
        results = load_days(context.obj, as_day(start), as_day(end), feed, printer(as_json), report)
    if as_json:
        print_json(results)


@app.command()
def build(
    context: typer.Context,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Compute everything again from the raw zone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Builds the warehouse from what has changed in the raw zone.

    Example: hotline build --full-refresh
    """
    from pipelines.chain import build_warehouse

    with progress(quiet=as_json) as report:
        result = build_warehouse(context.obj, full_refresh, printer(as_json), report)
    if as_json:
        print_json(result)


@app.command()
def validate(
    context: typer.Context,
    gate: Annotated[str, typer.Argument(metavar="extracts|marts|models")],
    start: From = None,
    end: To = None,
    docs: Annotated[
        bool, typer.Option("--docs", help="Build a page of this run and the runs before it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Runs a quality gate: on extracts in the raw zone, or on the finished marts.

    `models` runs dbt's tests over all rows; a daily build tests only what it has written.

    Example: hotline validate extracts --from 2021-03-01 --to 2021-03-07
    """
    from pipelines.quality import validate_extracts, validate_marts, with_data_docs

    if gate not in ("extracts", "marts", "models"):
        raise typer.BadParameter("choose extracts, marts or models", param_hint="GATE")
    if gate == "models":
        if start or end or docs:
            raise typer.BadParameter("models takes no other options", param_hint="GATE")
        _validate_models(context.obj, as_json)
        return
    if gate == "extracts":
        if start is None or end is None:
            raise typer.BadParameter("extracts need --from and --to", param_hint="GATE")
        outcome = validate_extracts(context.obj, start.date(), end.date())
    else:
        outcome = validate_marts(context.obj)
    if docs:
        outcome = with_data_docs(context.obj, outcome)
    if as_json:
        print_json(outcome)
    else:
        typer.echo("\n".join(outcome.lines()))
    outcome.raise_on_errors()


def _validate_models(settings: Settings, as_json: bool) -> None:
    from pipelines.chain import check_models

    with progress(quiet=as_json) as report:
        results = check_models(settings, printer(as_json), report)
    if as_json:
        print_json(results)


@app.command()
def publish(context: typer.Context, as_json: Json = False) -> None:
    """Writes a new version of the published file and moves the pointer to it.

    Example: hotline publish
    """
    from pipelines.chain import publish_version

    with progress(quiet=as_json) as report:
        result = publish_version(context.obj, printer(as_json), report)
    if as_json:
        print_json(result)


@app.command()
def run(
    context: typer.Context,
    day: Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], metavar="[DATE]")] = None,
    start: From = None,
    end: To = None,
) -> None:
    """Runs the whole daily chain in one process: load, check, build, check, publish.

    Example: hotline run 2021-03-18, or hotline run --from 2021-01-19 --to 2021-03-18
    """
    from pipelines.chain import run_days

    first, last = day or start, day or end
    if first is None or last is None or (day and (start or end)):
        raise typer.BadParameter("give one DATE, or --from and --to", param_hint="DATE")
    with progress() as report:
        run_days(context.obj, first.date(), last.date(), say, report)


@app.command()
def rank(
    context: typer.Context,
    periods: Annotated[list[str], typer.Argument(help="Statistical periods, e.g. 2021-03.")],
    rows: Annotated[int | None, typer.Option(help="Rows to print.")] = None,
    as_json: Json = False,
) -> None:
    """Issues the rankings of statistical periods, publishes them and prints the top of the last.

    Example: hotline rank 2021-03, or hotline rank 2021-01 2021-02 2021-03
    """
    from pipelines.chain import rank_periods
    from pipelines.report import render_terminal

    with progress(quiet=as_json) as report:
        issues, _ = rank_periods(context.obj, periods, silent if as_json else say, report)
    if as_json:
        print_json(issues)
    else:
        typer.echo(render_terminal(context.obj, periods[-1], rows))


@app.command()
def report(
    context: typer.Context,
    period: Period,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Writes the report page of a ranked period; it works offline.

    Example: hotline report 2021-03 --language en
    """
    from pipelines.report import write_report

    typer.echo(write_report(context.obj, period, language))


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Prints what is loaded, issued and published.

    Example: hotline status --json
    """
    from pipelines.status import status as read

    state = read(context.obj)
    if as_json:
        print_json(state)
        return
    typer.echo(f"Home {state.home}, source {state.source}")
    for feed in state.feeds:
        days = f"{feed.first_day} to {feed.last_day}" if feed.days else "nothing loaded"
        typer.echo(
            f"  {feed.feed:<15} {feed.days:>5} days  {days:<24} {feed.accepted:>12,} lines"
            f"  {feed.quarantined:,} quarantined"
        )
        for line in first_few("    damaged, load its day again: ", feed.damaged):
            typer.echo(line)
    for line in first_few(
        "  not read, no contract has such a name, or it is litter: ", state.unclaimed
    ):
        typer.echo(line)
    typer.echo(f"Published: {state.published or 'nothing yet'}")
    typer.echo(f"Rankings:  {', '.join(state.rankings) or 'none issued yet'}")


@contracts_app.command("check")
def contracts_check(context: typer.Context) -> None:
    """Reads all contracts of all sources and prints every problem: file, line, field.

    Example: hotline contracts check
    """
    from pipelines.contracts import check_all, contracts_of, sources

    problems = check_all()
    for problem in problems:
        typer.echo(f"{problem.file}:{problem.line}: {problem.what}", err=True)
    if problems:
        raise HotlineError(f"{len(problems)} problems in the contracts. Correct them.")
    for source in sources():
        for feed, contract in contracts_of(source).items():
            typer.echo(f"{source}/{feed}.yml is good ({contract.fingerprint})")


@contracts_app.command("schema")
def contracts_schema() -> None:
    """Prints the JSON Schema of the contract format, for editors.

    Example: hotline contracts schema > cities/contract.schema.json
    """
    from pipelines.contracts import json_schema

    typer.echo(json_schema(), nl=False)


app.command()(retention)


_UNEXPECTED = (
    "The published file is unchanged. Fix the cause if you see it, then run again; every command "
    "can be repeated."
)


def main() -> None:
    """Entry point: a foreseeable failure is one sentence on standard error and status 1."""
    try:
        app(args=_globals_first(sys.argv[1:]), prog_name="hotline")
        status_code = 0
    except HotlineError as error:
        typer.echo(f"Error: {error}", err=True)
        status_code = 1
    except OSError as error:
        typer.echo(f"Error: {error.strerror}: {error.filename}. {_UNEXPECTED}", err=True)
        status_code = 1
    except SystemExit as leaving:
        status_code = leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:
        if not type(error).__module__.startswith(("duckdb", "_duckdb")):
            raise
        # DuckDB's message may quote values of a line, which may be personal.
        typer.echo(f"Error: DuckDB failed ({type(error).__name__}). {_UNEXPECTED}", err=True)
        status_code = 1
    # What libraries have to tidy up at exit is done; but taking the interpreter apart as well lets
    # DuckDB's binding complain about objects that Great Expectations and dbt still hold
    # ("nanobind: leaked ..."), after all work is done and every file is closed.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status_code)


def _globals_first(arguments: list[str]) -> list[str]:
    """Moves --home and --source to the front, so that they are accepted anywhere."""
    moved: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument in GLOBAL_OPTIONS and waiting:
            moved += [argument, waiting.pop(0)]
        elif argument.split("=")[0] in GLOBAL_OPTIONS:
            moved.append(argument)
        else:
            rest.append(argument)
    return moved + rest


if __name__ == "__main__":
    main()
