"""Makes the dbt docs site of a built warehouse as one page that opens offline."""

import shutil
import sys

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.dbt import run_dbt


def main() -> int:
    """Writes docs/index.html into the home; gives the exit status."""
    settings = Settings.from_env()
    try:
        if not settings.warehouse.exists():
            raise HotlineError(
                f"There is no warehouse at {settings.warehouse} to document. Run `make demo`, then "
                "HOTLINE_HOME=data/demo make docs."
            )
        run_dbt(settings, ["docs", "generate", "--static"])
    except HotlineError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    page = settings.home / "docs" / "index.html"
    page.parent.mkdir(exist_ok=True)
    shutil.copy(settings.logs / "dbt_target" / "static_index.html", page)
    sys.stdout.write(f"dbt docs: {page}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
