"""Makes the pages of the docs: `python -m docs.build`, or `make docs`.

First docs/marts.md, which needs no data; then the pages of the home in the environment.
"""

import sys
from collections.abc import Iterator

from docs.build import site, tables
from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.dbt import run_dbt


def pages(settings: Settings) -> Iterator[str]:
    """Makes one page after the other, and says what it is and where."""
    run_dbt(settings, ["parse"])
    manifest = settings.logs / "dbt_target" / "manifest.json"
    tables.PAGE.write_text(tables.page(tables.read_tables(manifest)), encoding="utf-8")
    yield f"Published tables: {tables.PAGE}"
    yield f"dbt docs: {site.make_site(settings)}"


def main() -> int:
    """Makes all pages; gives the exit status."""
    try:
        for line in pages(Settings.from_env()):
            sys.stdout.write(f"{line}\n")
    except HotlineError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
