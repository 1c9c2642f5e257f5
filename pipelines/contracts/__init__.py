"""Source contracts: how each city's files are read onto the canonical feeds."""

from pipelines.contracts.cities import sources
from pipelines.contracts.feeds import FACT_FEEDS, FEEDS, Feed, FeedColumn
from pipelines.contracts.model import ColumnRule, Contract, FileRule
from pipelines.contracts.read import (
    Problem,
    SourceContract,
    check_all,
    contracts_of,
    json_schema,
    read_contract,
)

__all__ = [
    "FACT_FEEDS",
    "FEEDS",
    "ColumnRule",
    "Contract",
    "Feed",
    "FeedColumn",
    "FileRule",
    "Problem",
    "SourceContract",
    "check_all",
    "contracts_of",
    "json_schema",
    "read_contract",
    "sources",
]
