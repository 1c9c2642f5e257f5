"""Makes the dbt docs site of a built warehouse as one page that opens offline."""

import shutil
import sys
from pathlib import Path

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.connection import writer_lock
from pipelines.warehouse.dbt import run_dbt


def make_site(settings: Settings) -> Path:
    """Writes docs/index.html into the home: descriptions, columns, code and lineage in one file.

    Raises:
        HotlineError: Nothing has been built, another process writes, or dbt failed.
    """
    if not settings.warehouse.exists():
        raise HotlineError(
            f"There is no warehouse at {settings.warehouse} to document. Run `make demo`, then "
            "HOTLINE_HOME=data/demo make docs."
        )
    # dbt opens the warehouse for writing, though it reads only.
    with writer_lock(settings, "make docs"):
        run_dbt(settings, ["docs", "generate", "--static"])
    page = settings.home / "docs" / "index.html"
    page.parent.mkdir(exist_ok=True)
    beside = page.with_suffix(".part")
    shutil.copyfile(settings.logs / "dbt_target" / "static_index.html", beside)
    beside.replace(page)
    return page


def main() -> int:
    """Makes the site of the home in the environment; gives the exit status."""
    try:
        page = make_site(Settings.from_env())
    except HotlineError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    sys.stdout.write(f"dbt docs: {page}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
