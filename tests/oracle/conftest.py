"""A landing zone and seeds small enough to work out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from .facts import Facts, build_facts
from .reading import Landing, read_landing
from .rules import Rules, read_rules

PARAMETERS = {
    "period_start_day": 19, "basically_satisfied_weight": 0.9, "score_volume_weight": 0.5,
    "score_volume_weight_low": 0.3, "score_volume_weight_high": 0.7,
    "score_volume_weight_step": 0.1, "persistence_top_n": 2, "persistence_periods": 12,
    "settling_days": 45, "max_quarantined_share": 0.5, "quarantine_grace_lines": 0,
    "work_starts_hour": 9,
    "work_ends_hour": 18, "last_working_weekday": 5, "recurrence_days": 30, "profile_periods": 3,
}  # fmt: skip
CONTACTS = "contact_id,received_at,order_type,channel_code,caller_id,problem_code,district_code,"
CONTACTS += "street_code,exclusion,updated_at"
DISPATCHES = "dispatch_id,contact_id,sequence_no,unit_code,role,dispatched_at,due_at,closed_at,"
DISPATCHES += "status,updated_at"
RATINGS = "rating_id,dispatch_id,contact_id,followed_up_at,is_reached,is_responded,is_resolved,"
RATINGS += "satisfaction,assessment_scope,exclusion,updated_at"
# Every list that the rules are read from; the tests say what they mean.
LISTS = {
    "reference/streets.csv": (
        "source_name,street_code,street_name,district_code",
        "beijing,S1,One,X", "beijing,S2,Two,Y", "beijing,S3,Three,Y",
    ),
    "reference/districts.csv": ("source_name,district_code,district_name", "beijing,X,East"),
    "reference/street_changes.csv": (
        "source_name,former_code,former_name,changed_on,street_code",
        "beijing,S0,Zero,2021-05-19,S1", "beijing,S2,Deux,2021-01-01,S2",
        "elsewhere,S1,Uno,2021-01-01,S2",
    ),
    "reference/units.csv": (
        "source_name,unit_code,unit_name,unit_type,district_code,valid_from,valid_to",
        "beijing,D1,Gas,department,,2020-01-01,2021-05-21",
        "beijing,D1,Gas,company,,2021-05-21,2021-06-01",
        "beijing,D1,Gas & Co,company,,2021-06-19,",
        "beijing,X-D1,Works,district_department,X,2020-01-01,",
        "beijing,D9,Old,company,,,2021-05-01",
        "elsewhere,D8,Other,company,,,",
    ),
    "reference/unit_mergers.csv": (
        "source_name,unit_code,merged_on,current_unit_code", "beijing,D9,2021-05-01,D1",
    ),
    "reference/populations.csv": (
        "source_name,place_code,counted_on,inhabitants",
        "beijing,S1,2021-06-18,2000", "beijing,S1,2020-01-01,1000",
        "beijing,X,2021-06-19,50", "beijing,D1,2022-01-01,7",
    ),
    "reference/problems.csv": (
        "source_name,problem_code,level_1_code,level_2_code", "beijing,P1,L,L1", "beijing,P2,L,L2",
    ),
    "policy/policy_deadlines.csv": (
        "source_name,class_prefix,urgency,effective_from,limit_hours",
        "*,*,normal,2000-01-01,168", "*,*,hard,2000-01-01,360",
    ),
    "policy/policy_working_days.csv": (
        "source_name,on_date,is_working", "*,2021-05-08,false", "beijing,2021-05-08,true",
        "beijing,2021-05-03,false",
    ),
}  # fmt: skip


def write(path: Path, *lines: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + "\n" for line in lines).encode(encoding))


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    write(
        folder / "policy/policy_parameters.csv",
        "parameter_code,source_name,value,effective_from",
        *(f"{code},*,{value},2019-01-01" for code, value in PARAMETERS.items()),
    )
    write(
        folder / "policy/policy_operations.csv", "parameter_code,source_name,value,effective_from"
    )
    write(
        folder / "policy/policy_composite_weights.csv",
        "source_name,unit_type,effective_from,response_weight,resolution_weight,satisfaction_weight",
        "*,*,2019-01-01,0.1,0.5,0.4",
    )
    write(
        folder / "reference/exclusions.csv",
        "exclusion,counts_in_volume,counts_in_assessment",
        "none,true,true", "excluded,false,false", "suspended,true,false",
    )  # fmt: skip
    for name, lines in LISTS.items():
        write(folder / name, *lines)
    return folder


@pytest.fixture
def rules(seeds: Path) -> Rules:
    return read_rules(seeds)


@pytest.fixture
def landing_path(tmp_path: Path) -> Path:
    """Two days: c1 excluded late, c4 repeated, two bad lines, one of them twice."""
    home = tmp_path / "landing"
    write(
        home / "contacts/contacts_20210519.csv",
        CONTACTS,
        "c1,2021-05-18 23:59:59,appeal,phone,a,P1,X,S1,,2021-05-19 01:00:00",
        "c2,2021-05-19 00:00:00,appeal,phone,a,P1,X,S1,,2021-05-19 01:00:00",
        "c3,2021/5/19 7:05,appeal,phone,a,P1,Y,S2,无,2021-05-19 08:00",
        "c4,2021-05-19 09:00:00,appeal,web,b,P2,Y,S0,suspended,2021-05-19 10:00:00",
        "c4,2021-05-19 09:00:00,appeal,web,b,P2,Y,S0,suspended,2021-05-19 10:00:00",
        "c5,2021-02-30 09:00:00,appeal,web,b,P2,Y,S3,,2021-05-19 10:00:00",
        "c5,2021-02-30 09:00:00,appeal,web,b,P2,Y,S3,,2021-05-19 10:00:00",
        "c6,2021-05-19 09:00:00,appeal,web,b,P2,Y,S3",
        "   ",
        "c7,2021-05-19 11:00:00,consultation,phone,,,Y,,,2021-05-19 12:00:00",
    )
    write(
        home / "contacts/contacts_20210520.csv",
        CONTACTS,
        "c1,2021-05-18 23:59:59,appeal,phone,a,P1,X,S1,excluded,2021-05-20 01:00:00",
        "c2,2021-05-19 00:00:00,appeal,phone,a,P9,X,S1,,2021-05-18 01:00:00",
    )
    write(
        home / "dispatches/dispatches_20210520.csv",
        "派单编号,工单编号,派单序号,承办单位编码,工单性质,派单时间,截止时间,办结时间,办理状态,更新时间",
        "d1,c2,１,S1,主办,2021-05-19 02:00:00,2021-05-20 02:00:00,"
        "2021-05-20 03:00:00,已办结,2021-05-20 04:00:00",
        "d2,c2,2,D1,,2021-05-19 03:00:00,2021-05-21 00:00:01,/,办理中,2021-05-20 04:00:00",
        "d3,c2,3,S1,协办,2021-05-19 04:00:00,,2021-05-19 03:00:00,已办结,2021-05-20 04:00:00",
        "d4,c3,1,S2,主办,2021-05-19 09:00:00,2021-05-20 00:00:00,,办理中,2021-05-20 04:00:00",
        encoding="gb18030",
    )
    good = "2021-05-20 10:00:00,true"
    write(
        home / "ratings/ratings_20210520.csv",
        RATINGS,
        f"r1,d1,c2,{good},1,是,satisfied,full,,2021-05-20 11:00:00",
        f"r2,d1,c2,{good},0,0,basically_satisfied,,,2021-05-20 11:00:00",
        f"r3,d1,c2,{good},true,true,satisfied,response_only,,2021-05-20 11:00:00",
        f"r4,d1,c2,{good},true,true,satisfied,none,,2021-05-20 11:00:00",
        f"r5,d1,c1,{good},true,true,satisfied,full,,2021-05-20 11:00:00",
        f"r6,d1,c4,{good},true,true,satisfied,full,,2021-05-20 11:00:00",
        f"r7,d1,c2,{good},true,true,satisfied,full,excluded,2021-05-20 11:00:00",
        "r8,d1,c2,2021-05-20 10:00:00,false,,,,full,,2021-05-20 11:00:00",
        "r9,d1,c2,2021-05-19 01:00:00,true,true,true,satisfied,full,,2021-05-20 11:00:00",
        "r10,d1,c2,2021-05-20 10:00:00,true,true,true,satisfied,full,,2021-05-20 11:00:00,more",
    )
    write(
        home / "topics/topics_20210519.csv",
        "topic_id,year,topic_name,starts_on",
        "t1,2021,One,2021-05-19",
        "t9,2021,Nine,2021-01-01",
    )
    write(
        home / "topics/topics_20210520.csv",
        "topic_id,year,topic_name,starts_on",
        "t1,2021,One,2021-05-19",
    )
    write(home / "topic_problems/topic_problems_20210519.csv", "topic_id,problem_code", "t1,P1")
    write(
        home / "topic_tasks/topic_tasks_20210519.csv",
        "task_id,topic_id,title,kind,due_on,completed_on",
        "k1,t1,k1,task,2021-05-20,",
        "k2,t1,k2,task,2021-05-21,",
        "k3,t1,k3,policy,2021/5/1,2021-05-02",
    )  # fmt: skip
    return home


@pytest.fixture
def landing(landing_path: Path, rules: Rules) -> Landing:
    return read_landing(landing_path, rules)


@pytest.fixture
def facts(landing: Landing, rules: Rules) -> Facts:
    return build_facts(landing, rules)
