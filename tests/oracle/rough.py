"""Extracts rougher than the simulated ones: every rule of the marts meets rows at its edges.

The simulated city delivers due times, numbers its dispatches and lets every called unit come.
Here a few hundred rows over twenty months do not: they lack what may be missing, name former
streets and unknown units, change late, and happen in the second in which a period ends.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

Row = dict[str, str]
Files = dict[tuple[str, datetime], list[Row]]

FIRST, LAST = datetime(2020, 1, 1), datetime(2021, 8, 20)
EXTRACTS = [FIRST + timedelta(days=40 * number) for number in range(1, 15)] + [LAST]
CONTACTS = 700
DAYS = (LAST - FIRST).days
CALLERS = ["", "匿名", "app-1", "13900000001", "139-0000-0001", "+86 139 0000 0001"]
CALLERS += [f"1390000{number:04d}" for number in range(10, 40)]
PROBLEMS = ["010101", "030101", "150101", "200101", "060101", "ZZ9999", ""]
# Streets of today, of the past (also of a change still to come), of no list, and none.
STREETS = ["110112121", "110112104", "110112120", "110101001"]
STREETS += ["110112901", "110112902", "110112903", "990000001", ""]
UNITS = [
    *STREETS[:7],
    *(f"1101010{number:02d}" for number in range(2, 18)),
    "BJ-D01",
    "BJ-D35",
    "BJ-D92",
    "110112-D01",
    "110101-D01",
    "NEW-1",
]
REGISTERS = {
    "topics": "topic_id,year,topic_name,starts_on\nt,2021,Heating,2021-03-19\n",
    "topic_problems": "topic_id,problem_code\nt,030101\nt,ZZ9999\n",
    "topic_tasks": "task_id,topic_id,title,kind,due_on,completed_on\nk,t,Pipes,task,2021-08-19,\n",
}


def write_rough(landing: Path, seed: int = 1) -> None:
    """Write all extracts of the rough city into an empty landing zone."""
    rnd, files = Random(seed), Files()
    for number in range(CONTACTS):
        contact = _contact(rnd, f"C{number:04d}")
        _deliver(rnd, files, "contacts", contact, _changed(rnd, contact))
        timestamp = datetime.fromisoformat(contact["received_at"])
        for place in range(rnd.choice([0, 1, 1, 2, 3, 4])):
            timestamp += timedelta(minutes=rnd.choice([-1, 0, 30, 600, 6000, 60000]))
            dispatch = _dispatch(rnd, contact["contact_id"], place, timestamp)
            _deliver(rnd, files, "dispatches", dispatch, None)
            for again in range(rnd.choice([0, 1, 1, 2])):
                rating = _follow_up(rnd, dispatch, again, timestamp)
                _deliver(rnd, files, "ratings", rating, _changed(rnd, rating))
    for (feed, day), rows in files.items():
        _write(landing / feed / f"{feed}_{day:%Y%m%d}.csv", rows)
    for feed, text in REGISTERS.items():
        path = landing / feed / f"{feed}_{LAST:%Y%m%d}.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


def _edge(rnd: Random, timestamp: datetime) -> datetime:
    """The timestamp itself, or now and then the second a period starts, or the one before."""
    chance = rnd.random()
    if chance > 0.1:
        return timestamp
    start = timestamp.replace(day=19, hour=0, minute=0, second=0)
    return start if chance > 0.05 else start - timedelta(seconds=1)


def _contact(rnd: Random, contact_id: str) -> Row:
    received = FIRST + timedelta(seconds=rnd.randrange(DAYS * 86400))
    return {
        "contact_id": contact_id,
        "received_at": str(_edge(rnd, received)),
        "order_type": rnd.choice(["appeal"] * 8 + ["consultation", "praise", "other"]),
        "caller_id": rnd.choice(CALLERS),
        "problem_code": rnd.choice(PROBLEMS),
        "district_code": rnd.choice(["110112", "110101", ""]),
        "street_code": rnd.choice(STREETS),
        "community": rnd.choice(["", "", "甲社区"]),
        "point": rnd.choice(["1号楼", "1号楼", "2号楼", ""]),
        "exclusion": rnd.choice(["", "none", "none", "none", "excluded", "suspended"]),
    }


def _dispatch(rnd: Random, contact_id: str, place: int, timestamp: datetime) -> Row:
    given = _edge(rnd, timestamp)
    signed = given + timedelta(minutes=rnd.choice([-1, 0, 5, 900, 3000]))
    closed = _edge(rnd, given + timedelta(minutes=rnd.choice([0, 60, 3000, 9000, 40000])))
    role = rnd.choice(["lead", "lead", "assist", "assist", ""])
    status = rnd.choice(["open", "closed", "closed", "closed", "returned"])
    due = rnd.choice([closed, given + timedelta(days=rnd.choice([1, 900]))])
    return {
        "dispatch_id": f"D{contact_id}-{rnd.randrange(10)}{place}",
        "contact_id": contact_id if rnd.random() > 0.03 else "nobody",
        "sequence_no": rnd.choice(["", "0", str(place + 1), str(place + 1), "1"]),
        "unit_code": rnd.choice(UNITS),
        "role": role,
        "route": rnd.choice(["whistle", "whistle", "direct"] if role == "assist" else
                            ["direct", "via_district", "whistle", ""]),
        "dispatched_at": str(given),
        "accepted_at": str(signed) if rnd.random() > 0.4 else "",
        "due_at": str(due) if rnd.random() > 0.5 else "",
        "closed_at": str(closed) if (status == "closed") != (rnd.random() < 0.05) else "",
        "status": status,
        "is_hard_case": rnd.choice(["", "false", "true"]),
    }  # fmt: skip


def _follow_up(rnd: Random, dispatch: Row, again: int, timestamp: datetime) -> Row:
    heard = timestamp + timedelta(minutes=rnd.choice([-9000, 3000, 9000, 40000]))
    return {
        "rating_id": f"R{dispatch['dispatch_id']}-{again}",
        "dispatch_id": dispatch["dispatch_id"] if rnd.random() > 0.03 else "none",
        "contact_id": dispatch["contact_id"],
        "followed_up_at": str(_edge(rnd, heard)),
        "is_reached": rnd.choice(["true", "true", "true", "false"]),
        "is_responded": rnd.choice(["true", "true", "false", ""]),
        "is_resolved": rnd.choice(["true", "false", ""]),
        "is_part_resolved": rnd.choice(["true", "false", ""]),
        "satisfaction": rnd.choice(["satisfied", "basically_satisfied", "dissatisfied", ""]),
        "assessment_scope": rnd.choice(["full", "full", "full", "response_only", "none", ""]),
        "exclusion": rnd.choice(["", "none", "none", "none", "excluded", "suspended"]),
    }


def _changed(rnd: Random, row: Row) -> Row | None:
    """Some rows are delivered again, some of these with another word on their exclusion."""
    if rnd.random() > 0.4:
        return None
    return row | {"exclusion": rnd.choice([row["exclusion"], "none", "excluded", "suspended"])}


def _deliver(rnd: Random, files: Files, feed: str, row: Row, later: Row | None) -> None:
    """Put a row into the first extract after it happened, or a later one; a change comes later."""
    happened = next(value for name, value in row.items() if name in TIMESTAMPS)
    first = next((n for n, day in enumerate(EXTRACTS) if str(day) > happened), len(EXTRACTS) - 1)
    first = min(first + rnd.choice([0, 0, 0, 0, 1, 2]), len(EXTRACTS) - 1)
    for number, version in ((first, row), (first + rnd.choice([1, 2, 3]), later)):
        if version and number < len(EXTRACTS):
            day = EXTRACTS[number]
            stamped = version | {"updated_at": str(day + timedelta(hours=number))}
            files.setdefault((feed, day), []).append(stamped)


TIMESTAMPS = {"received_at", "dispatched_at", "followed_up_at"}


def _write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
