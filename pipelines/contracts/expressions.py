"""SQL expressions of a contract: over the headers of one line, and nothing else.

    sql: case when "Duplicate" = 'Y' or "Status" = 'Cancelled' then 'excluded' end

DuckDB itself reads them. What they may hold is listed here: a function that is not could read a
file, a clock or the environment.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import duckdb

from pipelines.contracts.formats import header_key
from pipelines.contracts.memory import memory

Tree = dict[str, Any]

_NODES = {
    *("CASE", "CONJUNCTION", "COMPARISON", "COLUMN_REF", "CONSTANT", "OPERATOR", "FUNCTION"),
    *("BETWEEN", "CAST", "TYPE"),
}
_OPERATORS = {
    *("COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"),
    *("OPERATOR_NOT", "OPERATOR_COALESCE", "OPERATOR_NULLIF"),
}
FUNCTIONS = {
    *("lower", "upper", "trim", "ltrim", "rtrim", "replace", "left", "right", "length"),
    *("substr", "substring", "split_part", "contains", "starts_with", "ends_with"),
    *("prefix", "suffix", "position", "strpos", "instr", "concat", "concat_ws", "translate"),
    *("strip_accents", "regexp_matches", "regexp_full_match", "regexp_extract", "regexp_replace"),
    *("if", "ifnull", "nullif", "coalesce", "greatest", "least", "abs", "round", "floor", "ceil"),
    *("try_strptime", "strftime", "year", "month", "day", "hour", "minute"),
}
# No constant, so that what must be one is noticed.
_LINES = "(select [cast(n as varchar)] as fields from range(2) as numbers (n))"
# A cast to a type with a time zone would depend on the machine's.
_TYPES = {
    *("VARCHAR", "INTEGER", "BIGINT", "SMALLINT", "DOUBLE", "DECIMAL", "BOOLEAN", "DATE"),
    *("TIME", "TIMESTAMP", "TEXT", "INT"),
}
_SIGNS = {"||", "+", "-", "*", "/", "//", "%", "~~", "!~~", "~~*", "!~~*", "^@"}


def check_expression(text: str) -> str:
    """An expression that can be computed from the headers that it names.

    Raises:
        ValueError: It cannot be read, or holds what it may not.
    """
    to_sql(text, lambda header: "fields[1]")
    return text


def headers_in(text: str) -> list[str]:
    """The headers that an expression names, each once."""
    names = (node["column_names"][-1] for node in _nodes(_read(text)) if _is_header(node))
    return list({header_key(name): name for name in names}.values())


def to_sql(text: str, value: Callable[[str], str]) -> str:
    """The expression as SQL for a text; what cannot be computed is null.

    Args:
        text: The expression.
        value: Gives the SQL for the text below a header.

    Raises:
        ValueError: It cannot be read, or holds what it may not.
    """
    tree = _with_values(_read(text), value)
    statement = json.dumps({"error": False, "statements": [_statement(tree)]})
    try:
        row = memory().execute("select json_deserialize_sql($1::json)", [statement]).fetchone()
        sql = f"try(cast(({str(row[0]).removeprefix('SELECT ')}) as varchar))" if row else ""
        memory().execute(f"explain select {sql} from {_LINES}")
    except duckdb.Error as error:
        raise ValueError(f"'{text}' cannot be computed: {_first_line(error)}") from None
    return sql


@cache
def _read(text: str) -> Tree:
    read = _serialised(text)
    if read["error"]:
        raise ValueError(f"'{text}' is not an expression: {read.get('error_message', '')}")
    selected = [one["node"].pop("select_list", []) for one in read["statements"]]
    if len(selected) != 1 or len(selected[0]) != 1 or _shape(read) != _shape(_empty()):
        raise ValueError(f"'{text}' is more than one expression")
    tree: Tree = selected[0][0]
    for node in _nodes(tree):
        _check(node, text)
    return tree


def _check(node: Tree, text: str) -> None:
    kind, name = node["class"], node.get("function_name", "")
    is_function = kind == "FUNCTION" and not node.get("schema") and not node.get("catalog")
    if is_function and name not in FUNCTIONS | _SIGNS:
        raise ValueError(f"'{text}' uses {name}(), which no contract may")
    if kind == "TYPE" and node["type_name"].upper() not in _TYPES:
        raise ValueError(f"'{text}' casts to {node['type_name']}, which no contract may")
    if kind not in _NODES or (kind == "OPERATOR" and node["type"] not in _OPERATORS):
        raise ValueError(f"'{text}' has a {node['type'].lower()}, which no contract may")
    if (kind == "FUNCTION" and not is_function) or len(node.get("column_names", ["one"])) != 1:
        raise ValueError(f"'{text}' names a part of something: write a header in double quotes")


def _nodes(tree: object) -> Iterator[Tree]:
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for child in tree.values():
            yield from _nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _nodes(child)


def _is_header(node: Tree) -> bool:
    return bool(node["class"] == "COLUMN_REF")


def _with_values(tree: Any, value: Callable[[str], str]) -> Any:
    """The same with SQL in the place of headers, and casts that give null instead of an error."""
    if isinstance(tree, list):
        return [_with_values(child, value) for child in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("class") == "COLUMN_REF":
        return _trusted(value(tree["column_names"][-1]))
    changed = {key: _with_values(child, value) for key, child in tree.items()}
    return changed | {"try_cast": True} if tree.get("class") == "CAST" else changed


def _serialised(expression: str) -> Tree:
    """A select of the expression as DuckDB writes it in JSON."""
    query = "select json_serialize_sql($1::varchar)"
    row = memory().execute(query, [f"select {expression}"]).fetchone()
    read: Tree = json.loads(row[0]) if row else {"error": True}
    return read


def _trusted(sql: str) -> Tree:
    tree: Tree = _serialised(sql)["statements"][0]["node"]["select_list"][0]
    return tree


def _statement(tree: Tree) -> Tree:
    statement: Tree = _empty()["statements"][0]
    statement["node"]["select_list"] = [tree]
    return statement


def _empty() -> Tree:
    read = _serialised("null")
    read["statements"][0]["node"].pop("select_list")
    return read


def _shape(read: Any) -> Any:
    """A statement without the places of its parts in the text."""
    if isinstance(read, dict):
        return {k: _shape(v) for k, v in read.items() if not k.startswith("query_location")}
    return [_shape(part) for part in read] if isinstance(read, list) else read


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0][:200]
