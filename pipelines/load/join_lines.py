"""Joins the lines of records whose quoted fields hold line breaks."""

from collections.abc import Sequence

from pipelines.load.relations import Scratch
from pipelines.load.split import split_fields

# After so many unbalanced quotes the rest of a file is no longer joined, only split line by line.
_MOST_UNBALANCED = 100
# A text of several lines hardly holds a line with so many fields, a swallowed record does.
_RECORD_WIDTH = 6


def find_joins(
    scratch: Scratch, lines: str, last_rows: Sequence[int], delimiter: str, width: int | None
) -> str | None:
    """Finds the records of several lines.

    A line begins a record when the quotes before it are even in number. An unbalanced quote would
    so swallow lines up to the next one. The first record of a file that this has spoilt gives the
    unbalanced quote away: its line is then a record by itself, and the lines after it are joined
    anew.

    Args:
        scratch: Has the lines.
        lines: Relation of `file_no`, `row_no` and `line_text`.
        last_rows: `row_no` of the last line of each file.
        delimiter: Between fields.
        width: Number of fields of a record; None while it is not known.

    Returns:
        Relation of `first_no`, `last_no` and `line_text`; None where there is no such record.
    """
    con = scratch.con
    # Lines with an odd number of quotes: each opens or closes a field of several lines.
    odd = scratch.table(
        "odd",
        f"""
        select file_no, row_no from {lines}
        where contains(line_text, '"')
            and (length(line_text) - length(replace(line_text, '"', ''))) % 2 = 1
        """,
    )
    if not scratch.count(f"select count(*) from {odd}"):
        return None
    joins = scratch.table(
        "joins",
        "select 0::bigint as first_no, 0::bigint as last_no, ''::varchar as line_text where false",
    )
    for _ in range(_MOST_UNBALANCED):
        ranges = _ranges(scratch, odd)
        records = _joined(scratch, ranges, lines)
        unbalanced = _first_unbalanced(scratch, ranges, records, last_rows, delimiter, width)
        con.execute(
            f"""
            insert into {joins}
            select r.row_no, g.last_no, r.line_text
            from {records} as r
            inner join {ranges} as g on r.row_no = g.first_no
            left join {unbalanced} as u on g.file_no = u.file_no
            where r.part = 'whole' and g.first_no < coalesce(u.row_no, g.first_no + 1)
            """
        )
        con.execute(
            f"delete from {odd} where file_no not in (select file_no from {unbalanced}) or row_no "
            f"<= (select u.row_no from {unbalanced} as u where u.file_no = {odd}.file_no)"
        )
        if not scratch.count(f"select count(*) from {odd}"):
            break
    return joins if scratch.count(f"select count(*) from {joins}") else None


def _ranges(scratch: Scratch, odd: str) -> str:
    """Where records of several lines begin and end; the last of a file may have no end."""
    return scratch.table(
        "ranges",
        f"""
        select file_no, row_no as first_no, lead(row_no) over of_file as last_no
        from {odd}
        window of_file as (partition by file_no order by row_no)
        qualify row_number() over of_file % 2 = 1
        """,
    )


def _joined(scratch: Scratch, ranges: str, lines: str) -> str:
    """The text of each whole record of several lines, and its lines but the first, for a check."""
    return scratch.table(
        "joined",
        f"""
        with numbers as (
            select first_no, unnest(range(first_no, last_no + 1)) as row_no
            from {ranges} where last_no is not null
        ),

        pieces as (
            select n.first_no, n.row_no, l.line_text
            from numbers as n inner join {lines} as l on n.row_no = l.row_no
        )

        select
            'whole' as part,
            first_no as row_no,
            first_no,
            string_agg(line_text, chr(10) order by row_no) as line_text
        from pieces group by first_no
        union all
        select 'line', row_no, first_no, line_text from pieces where row_no > first_no
        """,
    )


def _first_unbalanced(
    scratch: Scratch,
    ranges: str,
    joined: str,
    last_rows: Sequence[int],
    delimiter: str,
    width: int | None,
) -> str:
    """The first line with an unbalanced quote of each file that has one."""
    can_swallow = str(width is not None and width >= _RECORD_WIDTH).lower()
    return scratch.table(
        "unbalanced",
        f"""
        with split as ({split_fields(joined, delimiter, width)}),

        spoilt as (
            select row_no as first_no from split
            where part = 'whole' and parse_error in ('malformed_quotes', 'field_count')
            union
            select i.first_no
            from split as i
            inner join split as w on i.first_no = w.row_no and w.part = 'whole'
            where i.part = 'line' and i.parse_error is null and w.parse_error is null
                and {can_swallow}
        )

        select file_no, min(first_no) as row_no
        from {ranges}
        where first_no in (select first_no from spoilt)
            or (last_no is null and first_no < $1[file_no + 1])
        group by file_no
        """,
        [list(last_rows)],
    )
