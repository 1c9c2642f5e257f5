"""Reads a batch of extracts into records, whatever their format."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts import Contract, SourceContract
from pipelines.contracts.model import JSON_FORMATS
from pipelines.load.extract import Extract
from pipelines.load.read_csv import read_csv
from pipelines.load.read_json import read_json, read_json_lines, split_objects
from pipelines.load.read_typed import read_parquet, read_workbook
from pipelines.load.relations import Records, Scratch
from pipelines.load.split import split_fields


@dataclass(frozen=True)
class Batch:
    """Extracts of one contract that are loaded by the same statements; one is a batch too."""

    source: SourceContract
    extracts: Sequence[Extract]

    @property
    def contract(self) -> Contract:
        """What the files promise."""
        return self.source.contract


def batches(source: SourceContract, extracts: Sequence[Extract]) -> list[Batch]:
    """Simple files with the same header together; any other file by itself."""
    groups: dict[tuple[object, ...], list[Extract]] = {}
    for extract in extracts:
        header = extract.text.header if extract.text else None
        is_simple = header and not extract.corrections.lines
        key = (extract.file.rule.delimiter, header) if is_simple else (extract.file.path,)
        groups.setdefault(key, []).append(extract)
    return [Batch(source, group) for group in groups.values()]


def read(scratch: Scratch, batch: Batch, most_bytes: float) -> Records:
    """Reads the files of a batch, with the corrections in the places of their lines.

    Args:
        scratch: Gets the records.
        batch: The opened files.
        most_bytes: What a compressed file may unpack to.

    Raises:
        HotlineError: The one file is not of the promised format, or has no header.
    """
    contract, (extract, *_) = batch.contract, batch.extracts
    if extract.file.rule.format == "xlsx":
        records = read_workbook(scratch, extract, contract, most_bytes)
    elif extract.file.rule.format == "parquet":
        records = read_parquet(scratch, extract, contract)
    elif extract.file.rule.format == "jsonl":
        records = read_json_lines(scratch, extract, contract)
    elif extract.file.rule.format == "json":
        records = read_json(scratch, extract, contract)
    else:
        records = read_csv(scratch, batch.extracts)
    return _corrected(scratch, records, extract) if extract.corrections.query else records


def _corrected(scratch: Scratch, records: Records, extract: Extract) -> Records:
    """Records with the corrections in the places of lines.

    A line keeps its number and its own text: so its exact repeats are still found.
    """
    rule, width = extract.file.rule, len(records.header)
    stored = extract.corrections.query
    texts = scratch.table(
        "corrected_texts",
        f"select source_line as row_no, line_text from {stored} where line_text is not null",
    )
    if rule.format in JSON_FORMATS:
        split = split_objects(scratch, texts, records.header)
    else:
        split = split_fields(texts, rule.delimiter, width)
    corrected = scratch.table(
        "corrected",
        f"select row_no as line_no, fields, parse_error from ({split}) union all "
        f"select source_line, fields, null from {stored} where fields is not null",
    )
    table = scratch.table("records", f"select * from {records.relation}")
    scratch.con.execute(
        f"""
        update {table} as r
        set fields = case when len(c.fields) = {width} then c.fields end,
            parse_error = case
                when len(c.fields) <> {width} then 'field_count'
                when r.parse_error = 'wrong_bytes'
                    and contains(array_to_string(c.fields, ''), chr(65533)) then 'wrong_bytes'
                else c.parse_error
            end
        from {corrected} as c
        where r.line_no = c.line_no
        """
    )
    scratch.con.execute(
        f"delete from {table} where line_no in "
        f"(select source_line from {stored} where joins_line_above)"
    )
    return Records(table, records.header, records.files, records.head)
