"""The start-up floor of a daily run: its imports, and a dbt run that selects nothing.

python -m benchmarks.floor
"""

from pipelines.settings import Settings
from pipelines.warehouse.dbt import run_dbt


def main() -> None:
    """Imports what a day needs, and lets dbt find out that there is nothing to do."""
    import pipelines.chain
    import pipelines.quality.gx_duckdb  # noqa: F401

    run_dbt(Settings.from_env(), ["run", "--select", "tag:nothing"])


if __name__ == "__main__":
    main()
