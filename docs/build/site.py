"""Makes the dbt docs site of a built warehouse as one page that opens offline."""

import shutil
from pathlib import Path

from pipelines.errors import HotlineError
from pipelines.files import atomic_write
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
    with atomic_write(page) as written:
        shutil.copyfile(settings.logs / "dbt_target" / "static_index.html", written)
    return page
