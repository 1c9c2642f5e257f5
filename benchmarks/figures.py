"""What was published about three years of the hotline, and how each figure is read from the marts.

Published: 31.34 million contacts from 2019-01-01 to 2021-11-30, of which 13.01 million appeals
(41.5 %) and 18.33 million consultations; 2.82, 4.35 and 5.62 million distinct callers a year;
resolution 53 → 89 % and satisfaction 65 → 92 % from the start to the end (53.09 and 64.61 % in
January 2019).

A figure may be off by what does not shrink with the city's size (digits rounded away, lines that
cannot be read on purpose, a bias of the simulated city) and by chance: three standard errors.
"""

import math
from dataclasses import dataclass

import duckdb

_INTAKE = (
    "select sum(contacts){} from marts.rpt_intake_daily "
    "where received_on between date '2019-01-01' and date '2021-11-30'"
)
_APPEALS = " filter (where order_type = 'appeal')"
_OTHERS = " filter (where order_type <> 'appeal')"
_CALLERS = (
    "select distinct_callers from marts.rpt_callers where bucket = 'year' and bucket_code = '{}'"
)
# January is no period, which would begin on the 19th: it is counted from the follow-ups.
_JANUARY = """
    select {} from marts.fct_ratings
    where is_valid_full and followed_up_on between date '2019-01-01' and date '2019-01-31'
"""
_SATISFIED = (
    "avg(case satisfaction when 'satisfied' then 1 when 'basically_satisfied' then 0.9 else 0 end)"
)
_CITY = "select {} from marts.rpt_city_performance_monthly where period = '{}'"


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Attributes:
        name: What it says.
        published: Its value; of a count at scale 1.0.
        query: Reads it from the marts.
        fixed: How far it may be off at any size, as a share of a count or in points of a rate.
        chance: How far it may be off by chance at a tenth of the city, in the same terms.
        is_count: Whether it grows with the scale of the simulation.
    """

    name: str
    published: float
    query: str
    fixed: float
    chance: float
    is_count: bool = True

    def expected(self, scale: float) -> float:
        """Its value in a city of this scale."""
        return self.published * scale if self.is_count else self.published

    def allowed(self, scale: float) -> float:
        """How far off it may be in a city of this scale."""
        return self.fixed + self.chance * math.sqrt(0.1 / scale)

    def off(self, scale: float, seen: float) -> float:
        """How far off a value is, in the terms of what is allowed; NaN where nothing was seen."""
        expected = self.expected(scale)
        return seen / expected - 1 if self.is_count else seen - expected

    def seen(self, con: duckdb.DuckDBPyConnection) -> float:
        """Its value in a warehouse or a published file; NaN where there is nothing to count."""
        row = con.execute(self.query).fetchone()
        return float(row[0]) if row and row[0] is not None else float("nan")


def _rate(name: str, published: float, query: str, fixed: float, chance: float) -> Figure:
    return Figure(name, published, query, fixed, chance, is_count=False)


FIGURES = (
    # Of 1,000 lines 2 cannot be read, on purpose; few of them come again corrected.
    Figure("contacts", 31.34e6, _INTAKE.format(""), 0.0022, 0.0003),
    # The same, and each contact is drawn with 41.5 %.
    Figure("appeals", 13.01e6, _INTAKE.format(_APPEALS), 0.0024, 0.0016),
    # Praise and others are few, and published nowhere: they count as what is no appeal.
    Figure("consultations and others", 18.33e6, _INTAKE.format(_OTHERS), 0.0024, 0.0016),
    # Published with one digit after the point: half of the last digit.
    _rate("share of appeals", 0.415, _INTAKE.format(f"{_APPEALS} / sum(contacts)"), 5e-4, 3e-4),
    # Solved for the published number; an unreadable line may take a caller.
    Figure("distinct callers 2019", 2.82e6, _CALLERS.format(2019), 0.001, 0.003),
    Figure("distinct callers 2020", 4.35e6, _CALLERS.format(2020), 0.001, 0.003),
    Figure("distinct callers 2021", 5.62e6, _CALLERS.format(2021), 0.001, 0.003),
    # The simulated city resolves up to 0.6 points too much in 2019 and 2020. By chance: 10,000
    # follow-ups.
    _rate(
        "resolution, January 2019", 0.5309, _JANUARY.format("avg(is_resolved::int)"), 6e-3, 0.015
    ),
    _rate("satisfaction, January 2019", 0.6461, _JANUARY.format(_SATISFIED), 6e-3, 0.0145),
    # The same, and half a point that was rounded away; 5,000 follow-ups.
    _rate(
        "resolution, period 2019-01", 0.53, _CITY.format("resolution_rate", "2019-01"), 0.011, 0.021
    ),
    _rate(
        "satisfaction, period 2019-01",
        0.65,
        _CITY.format("satisfaction_rate", "2019-01"),
        0.011,
        0.02,
    ),
    # Half a point that was rounded away; 38,000 follow-ups.
    _rate(
        "resolution, period 2021-11", 0.89, _CITY.format("resolution_rate", "2021-11"), 5e-3, 5e-3
    ),
    _rate(
        "satisfaction, period 2021-11",
        0.92,
        _CITY.format("satisfaction_rate", "2021-11"),
        5e-3,
        4e-3,
    ),
)


def lines_of_figures(con: duckdb.DuckDBPyConnection, scale: float, raw: str) -> list[str]:
    """A table of the figures next to the published ones, and whether every line is there."""
    lines = ["| figure | published | seen | off | allowed |", "| --- | ---: | ---: | ---: | ---: |"]
    wrong = []
    for figure in FIGURES:
        expected, seen = figure.expected(scale), figure.seen(con)
        off, allowed = figure.off(scale, seen), figure.allowed(scale)
        value = ",.0f" if figure.is_count else ".2%"
        lines.append(
            f"| {figure.name} | {expected:{value}} | {seen:{value}} "
            f"| {_shown(figure, off)} | {_shown(figure, allowed)} |"
        )
        if not abs(off) <= allowed:
            wrong.append(figure.name)
    in_marts, in_raw = contacts_in_marts_and_raw(con, raw)
    lost = lost_lines(con)
    lines.append(
        f"\nLines lost: {lost}; contacts in the marts {in_marts:,}, in the raw zone {in_raw:,}."
    )
    if wrong or lost or in_marts != in_raw:
        lines.append(f"NOT AS IT SHOULD BE: {', '.join(wrong) or 'lines are missing'}.")
    return lines


def _shown(figure: Figure, off: float) -> str:
    return f"{off:+.2%}" if figure.is_count else f"{100 * off:+.2f} points"


def lost_lines(con: duckdb.DuckDBPyConnection) -> int:
    """Lines of all files that are neither accepted nor quarantined nor duplicates."""
    query = "select sum(lines_read - accepted - quarantined - duplicates) from quality.loads"
    return int(_one(con, query))


def contacts_in_marts_and_raw(con: duckdb.DuckDBPyConnection, raw: str) -> tuple[int, int]:
    """Contacts of the city in the marts, and distinct accepted contacts in the raw zone."""
    files = f"{raw}/contacts/*/part.parquet".replace("'", "''")
    in_raw = _one(con, f"select count(distinct contact_id) from read_parquet('{files}')")
    return int(_one(con, "select sum(contacts) from marts.rpt_intake_daily")), int(in_raw)


def _one(con: duckdb.DuckDBPyConnection, query: str) -> float:
    row = con.execute(query).fetchone()
    if row is None:
        raise AssertionError(query)
    return float(row[0])
