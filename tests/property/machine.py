"""The state machine: what a source may deliver and what may happen to a build, in any order.

A failing sequence is printed by hypothesis as a short script of the steps below, each row with
the values in which it differs from the plainest one.
"""

import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.oracle.rules import SEEDS, read_rules
from tests.property.compare import against_oracle
from tests.property.deliveries import (
    DAYS,
    PLACES,
    PROBLEMS,
    REGISTERS,
    TIMESTAMPS,
    UNITS,
    UPDATES,
    Contact,
    Dispatch,
    Rating,
    Row,
    Short,
    Topic,
    TopicProblem,
    TopicTask,
    Zone,
)
from tests.property.replay import Interrupted, Warehouses

RULES = read_rules(SEEDS)
ORACLE_EVERY = 4
# An incremental build of the core sends some 190 statements, a full refresh some 210.
MAX_STATEMENTS = 215

some = st.sampled_from
contact_ids = some(("c1", "c2", "c3", "c4"))
timestamps = some(TIMESTAMPS)
maybe_timestamps = st.none() | timestamps
exclusions = some(("none", "suspended", "excluded", None))
updates = some(UPDATES)
days = some(DAYS)
extracts = st.integers(0, 30)


@dataclass(frozen=True, repr=False)
class Build(Short):
    """A build, or one that is killed after so many statements, its open transaction undone."""

    full_refresh: bool = False
    kill_after: int | None = None
    order: int = 0


killed = st.builds(
    Build,
    full_refresh=some((False, False, False, True)),
    kill_after=st.integers(0, MAX_STATEMENTS),
    order=st.integers(0, 50),
)
builds = st.just(Build()) | killed | st.just(Build(full_refresh=True))
then_maybe = st.none() | st.none() | st.just(Build()) | killed


@st.composite
def contact(draw: st.DrawFn) -> Contact:
    district, street = draw(some(PLACES))
    return Contact(
        contact_id=draw(contact_ids),
        received_at=draw(timestamps),
        order_type=draw(some(("appeal", "appeal", "appeal", "consultation"))),
        channel_code=draw(some(("phone", "carrier pigeon", None))),
        caller_key=draw(some(("k1", "k2", None))),
        problem_code=draw(some(PROBLEMS)),
        district_code=district,
        street_code=street,
        point=draw(some(("p1", "p2", None))),
        exclusion=draw(exclusions),
        updated_at=draw(updates),
    )


any_dispatch = st.builds(
    Dispatch,
    dispatch_id=some(("d1", "d2", "d3", "d4")),
    contact_id=contact_ids,
    sequence_no=some((1, 2, None)),
    unit_code=some(UNITS),
    role=some(("lead", "assist")),
    route=some(("direct", "whistle")),
    dispatched_at=timestamps,
    accepted_at=maybe_timestamps,
    due_at=maybe_timestamps,
    closed_at=maybe_timestamps,
    status=some(("open", "open", "closed", "returned")),
    is_hard_case=st.booleans(),
    updated_at=updates,
)
# Without contradictions and with a due time, so that the passing of time alone changes it.
open_dispatch = st.builds(
    Dispatch,
    dispatch_id=some(("d1", "d2", "d3", "d4")),
    contact_id=contact_ids,
    unit_code=some(UNITS),
    dispatched_at=some(TIMESTAMPS[:2]),
    due_at=some(TIMESTAMPS[2:-1]),
    updated_at=updates,
)
dispatch = open_dispatch | any_dispatch
rating = st.builds(
    Rating,
    rating_id=some(("r1", "r2", "r3")),
    dispatch_id=some(("d1", "d2", "d3", "d4")),
    contact_id=contact_ids,
    followed_up_at=timestamps,
    is_reached=some((True, True, False)),
    is_responded=some((True, False, None)),
    is_resolved=some((True, False, None)),
    is_part_resolved=some((True, False, None)),
    satisfaction=some(("satisfied", "basically_satisfied", "dissatisfied", None)),
    assessment_scope=some(("full", "response_only", "none", None)),
    exclusion=exclusions,
    updated_at=updates,
)
topic = st.builds(Topic, topic_id=some(("t1", "t2")), lead_unit_code=some((*UNITS, "NEW-2")))
link = st.builds(TopicProblem, topic_id=some(("t1", "t2")), problem_code=some(("010101", "777")))
task = st.builds(
    TopicTask, task_id=some(("x1", "x2")), topic_id=some(("t1", "t2")), unit_code=some(UNITS)
)


def few(rows: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(rows, max_size=most)


def names_of(row_type: type[Row]) -> st.SearchStrategy[list[str]]:
    """Columns to take over from another row; the key stays."""
    names = [field.name for field in fields(row_type)][1:]
    return st.lists(some(names), min_size=1, max_size=4, unique=True)


class Deliveries(RuleBasedStateMachine):
    """Delivers, builds and is interrupted; the warehouse must never show how it came about."""

    warehouses: ClassVar[Warehouses]

    def __init__(self) -> None:
        super().__init__()
        ram = Path("/dev/shm")
        self.home = Path(tempfile.mkdtemp(prefix="hotline-", dir=ram if ram.is_dir() else None))
        self.zone = Zone(self.home)
        self.warehouses.renew()
        self.has_failed = False
        self.whole: tuple[str, bool] | None = None

    # Deliveries

    @initialize(day=days, contacts=few(contact()), dispatches=few(dispatch), ratings=few(rating))
    def first_day(
        self,
        day: date,
        contacts: list[Row],
        dispatches: list[Row],
        ratings: list[Row],
    ) -> None:
        """The first delivery, of whichever day."""
        self._deliver(day, contacts, dispatches, ratings)

    @initialize(day=days, contacts=few(contact()), dispatches=few(dispatch), then=then_maybe)
    def another_day(
        self, day: date, contacts: list[Row], dispatches: list[Row], then: Build | None
    ) -> None:
        """One more to begin with, so that there is something to revise."""
        self._deliver(day, contacts, dispatches, [])
        self._build(then)

    @rule(
        day=days,
        contacts=few(contact()),
        dispatches=few(dispatch),
        ratings=few(rating),
        then=then_maybe,
    )
    def deliver(
        self,
        day: date,
        contacts: list[Row],
        dispatches: list[Row],
        ratings: list[Row],
        then: Build | None,
    ) -> None:
        """A day: new, late, out of order, empty, or in place of what it held."""
        self._deliver(day, contacts, dispatches, ratings)
        self._build(then)

    @rule(until=some(DAYS[::-1]))
    def time_goes_on(self, until: date) -> None:
        """After a build, a later day brings nothing new; open dispatches may become overdue."""
        self._build(Build())
        if until > max(day for _, day in self.zone.extracts):
            self._deliver(until, [], [], [])

    @rule(extract=extracts)
    def deliver_again(self, extract: int) -> None:
        """The same bytes once more."""
        feed, day = self._extract(extract)
        self._put(feed, day, self.zone.extracts[feed, day])

    @rule(extract=extracts, drop=st.integers(0, 3), turned=st.booleans(), then=then_maybe)
    def correct(self, extract: int, drop: int, turned: bool, then: Build | None) -> None:
        """A corrected day: a line fewer, the others as they were or in another order."""
        feed, day = self._extract(extract)
        rows = list(self.zone.extracts[feed, day])
        if rows:
            del rows[drop % len(rows)]
        self._put(feed, day, rows[::-1] if turned else rows)
        self._build(then)

    @rule(extract=extracts, line=st.integers(0, 3), day=days, then=then_maybe)
    def move(self, extract: int, line: int, day: date, then: Build | None) -> None:
        """A row goes from one day to another."""
        feed, before = self._extract(extract)
        rows = list(self.zone.extracts[feed, before])
        if not rows:
            return
        row = rows.pop(line % len(rows))
        self._put(feed, before, rows)
        self._put(feed, day, [*self.zone.extracts.get((feed, day), []), row])
        self._build(then)

    @rule(which=extracts, day=days, like=contact(), columns=names_of(Contact), then=then_maybe)
    def revise_contact(
        self, which: int, day: date, like: Contact, columns: list[str], then: Build | None
    ) -> None:
        """A new version in another extract: recoded, moved in time, excluded months later."""
        self._revise("contacts", which, day, like, columns, then)

    @rule(which=extracts, day=days, like=dispatch, columns=names_of(Dispatch), then=then_maybe)
    def revise_dispatch(
        self, which: int, day: date, like: Dispatch, columns: list[str], then: Build | None
    ) -> None:
        """Closed, returned, handed to another unit, or assigned to another contact."""
        self._revise("dispatches", which, day, like, columns, then)

    @rule(which=extracts, day=days, like=rating, columns=names_of(Rating), then=then_maybe)
    def revise_rating(
        self, which: int, day: date, like: Rating, columns: list[str], then: Build | None
    ) -> None:
        """Answered otherwise, out of scope, or of another dispatch."""
        self._revise("ratings", which, day, like, columns, then)

    @rule(day=days, topics=few(topic, 2), links=few(link, 3), tasks=few(task, 2))
    def deliver_registers(
        self, day: date, topics: list[Row], links: list[Row], tasks: list[Row]
    ) -> None:
        """Whole registers: what is missing from the newest was removed."""
        for feed, rows in zip(REGISTERS, (topics, links, tasks), strict=True):
            self._put(feed, day, _by_key(rows) if feed != "topic_problems" else rows)

    @precondition(lambda self: len(self.zone.extracts) > 1)
    @rule(extract=extracts, then=then_maybe)
    def take_away(self, extract: int, then: Build | None) -> None:
        """An extract is no longer in the raw zone."""
        self.zone.remove(*self._extract(extract))
        self.warehouses.tally.deliveries += 1
        self._build(then)

    # Builds

    @rule(how=builds)
    def build(self, how: Build) -> None:
        """A build of what has changed or of everything; it may be killed."""
        self._build(how)

    def teardown(self) -> None:
        """The last build takes in all models; now and then the oracle has its say.

        It takes longer than all builds of a sequence, and what it alone can find, a rule that the
        models have wrong, shows in any sequence.
        """
        try:
            if self.zone.extracts and not self.has_failed:
                self._build(Build(), everything=True)
                # By what the sequence is, not by its number: a failing one is run again.
                extracts = repr(sorted(self.zone.extracts.items()))
                if zlib.crc32(extracts.encode()) % ORACLE_EVERY == 0:
                    self._ask_the_oracle()
        finally:
            self.zone.close()
            shutil.rmtree(self.home, ignore_errors=True)
            self.warehouses.tally.sequences += 1

    # What the steps are made of

    def _deliver(
        self, day: date, contacts: list[Row], dispatches: list[Row], ratings: list[Row]
    ) -> None:
        for feed, rows in (
            ("contacts", contacts),
            ("dispatches", dispatches),
            ("ratings", ratings),
        ):
            self._put(feed, day, rows)

    def _put(self, feed: str, day: date, rows: Sequence[Row]) -> None:
        self.zone.put(feed, day, rows)
        self.warehouses.tally.deliveries += 1

    def _extract(self, number: int) -> tuple[str, date]:
        known = sorted(self.zone.extracts)
        return known[number % len(known)]

    def _revise(
        self, feed: str, which: int, day: date, like: Row, columns: list[str], then: Build | None
    ) -> None:
        rows = self.zone.rows(feed)
        if not rows:
            return
        row = rows[which % len(rows)][2]
        revised = replace(row, **{name: getattr(like, name) for name in columns})
        self._put(feed, day, [*self.zone.extracts.get((feed, day), []), revised])
        self._build(then)

    def _build(self, how: Build | None, everything: bool = False) -> None:
        """Builds, if asked to; after a whole build nothing may differ from a full refresh."""
        if how is None:
            return
        with self._noting_failure():
            try:
                self.warehouses.build(
                    self.zone.settings, how.full_refresh, everything, how.kill_after, how.order
                )
            except Interrupted:
                return
            state = (repr(sorted(self.zone.extracts.items())), everything)
            if state != self.whole:
                has_core = self.whole is not None and self.whole[0] == state[0]
                self.warehouses.refresh_whole(self.zone.settings, everything, has_core)
                self.whole = state
            differences = self.warehouses.differences(everything)
            assert not differences, (
                f"The warehouse is not what a full refresh gives.\n{differences}"
            )

    def _ask_the_oracle(self) -> None:
        report = against_oracle(self.warehouses.con, self.zone, RULES)
        self.warehouses.tally.oracle_rows += sum(rows for _, rows in report.rows.values())
        assert not report.total, f"The warehouse is not what the oracle says.\n{report}"

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        """Where a step breaks, there is nothing left to compare at the end."""
        try:
            yield
        except BaseException:
            self.has_failed = True
            raise


def _by_key(rows: list[Row]) -> list[Row]:
    return list({row.key: row for row in rows}.values())
