"""What a changed rule asks for: which models compute all their rows again, and for which codes.

dbt's own state comparison says which models, macros and seeds differ from the last build that
succeeded. A changed model is computed in full, and so is what reads it. A changed seed is judged
by what comes of it: the models marked with `meta.rule_columns` turn seeds into the rules that
core reads. They are computed first, and only where their rows differ in these columns are their
readers computed again. So a new name in a code list changes its dimension and nothing else.

    meta.rule_columns  what other models read of a rule model
    meta.rule_key      the column that names a rule, e.g. `policy_code`
    meta.rules         of a reader: the rules it reads; without it, all of them
    meta.code_kind     `unit` or `street`: a changed rule affects the contacts that name the code
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml

from pipelines.progress import Progress
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.sql import literal
from pipelines.warehouse.connection import connect, table_exists, table_names
from pipelines.warehouse.dbt import list_nodes, parse, run_dbt

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# What of a node decides its rows. A description or a test does not.
_MODIFIED = ["body", "configs", "relation", "macros", "contract"]


@dataclass(frozen=True)
class RuleChanges:
    """What rules that have changed ask for.

    Attributes:
        rebuilt: Incremental models that compute all their rows again.
        reasons: A sentence for every change.
        everything: Why all models are computed in full; None where they are not.
        is_same_project: Whether no file of the project has changed, tests included.
    """

    rebuilt: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    everything: str | None = None
    is_same_project: bool = True


@dataclass
class _Graph:
    """Models, seeds and who reads whom, as dbt's manifest has them."""

    nodes: dict[str, Any]
    children: dict[str, list[str]]
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: "Manifest") -> "_Graph":
        kinds = ("model", "seed")
        nodes = {n.unique_id: n for n in manifest.nodes.values() if n.resource_type in kinds}
        children: dict[str, list[str]] = {name: [] for name in nodes}
        for name, node in nodes.items():
            for parent in node.depends_on_nodes:
                children.setdefault(parent, []).append(name)
        rules = {n: m for n, node in nodes.items() if "rule_columns" in (m := node.config.meta)}
        return cls(nodes, children, rules)

    def below(self, names: Iterable[str]) -> set[str]:
        """These nodes and all that read them, directly or not."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.children[name]
        return found


def project_fingerprint() -> str:
    """Names the state of the dbt project, whatever in it has changed."""
    digest = sha256()
    folders = ("macros", "models", "seeds", "tests")
    files = [file for folder in folders for file in (DBT_PROJECT / folder).rglob("*.*")]
    for file in sorted([*files, DBT_PROJECT / "dbt_project.yml"]):
        if file.suffix in (".sql", ".csv", ".yml"):
            digest.update(file.relative_to(DBT_PROJECT).as_posix().encode() + b"\0")
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def find_rule_changes(settings: Settings, progress: Progress | None = None) -> RuleChanges:
    """Computes the rule models where the project has changed, and lists what follows.

    The lists stay in `ops.rebuilt_models` and `ops.changed_codes` until a build has succeeded.

    Raises:
        HotlineError: dbt could not read the project, or a rule model failed.
    """
    with connect(settings, read_only=False) as con:
        (built,) = con.execute("select project from ops.built").fetchone() or (None,)
        pending = _rebuilt(con)
        unfinished = table_names(con, "ops", "before_")
    if built == project_fingerprint() and not unfinished:
        return RuleChanges(pending, ("an earlier run did not finish",) if pending else ())
    kept = _kept(settings)
    if kept.get("project") != built:
        return RuleChanges(everything="it is not known what models the last build was made with")
    if kept.get("vars") != _vars():
        return RuleChanges(everything="the variables in dbt_project.yml have changed")
    manifest = parse(settings)
    graph = _Graph.of(manifest)
    modified = _modified(settings, manifest, graph)
    # What an earlier run has loaded may have been taken back since: then all seeds are loaded.
    kinds = {name: node.resource_type for name, node in graph.nodes.items()}
    seeds = {n for n, kind in kinds.items() if kind == "seed" and (unfinished or n in modified)}
    changed = _compute_rules(settings, graph, seeds, progress)
    return _record(settings, graph, modified, changed)


def keep_state(settings: Settings, project: str) -> None:
    """Keeps the manifest of a build that succeeded, for the next comparison.

    Args:
        settings: Where the data lives.
        project: Fingerprint of the project, as in `ops.built`.
    """
    state = _state(settings)
    state.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.logs / "dbt_target" / state.name, state)
    said = json.dumps({"project": project, "vars": _vars()})
    _built_file(settings).write_text(said, encoding="utf-8")


def _kept(settings: Settings) -> dict[str, str]:
    """What is known of the build whose manifest was kept; empty where nothing is."""
    if not (_state(settings).exists() and _built_file(settings).exists()):
        return {}
    kept: dict[str, str] = json.loads(_built_file(settings).read_text(encoding="utf-8"))
    return kept


def _state(settings: Settings) -> Path:
    return settings.logs / "dbt_state" / "manifest.json"


def _built_file(settings: Settings) -> Path:
    return _state(settings).with_name("built.json")


def _vars() -> str:
    """The variables of the project as text: dbt's comparison does not look at them."""
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return json.dumps(project["vars"], sort_keys=True, default=str)


def _modified(settings: Settings, manifest: "Manifest", graph: _Graph) -> set[str]:
    selectors = [f"state:modified.{part}" for part in _MODIFIED]
    command = ["ls", "--state", str(_state(settings).parent), "--output", "json"]
    command += ["--resource-type", "model", "--resource-type", "seed", "--output-keys", "unique_id"]
    found = list_nodes(settings, [*command, "--select", *selectors], manifest)
    return {json.loads(line)["unique_id"] for line in found} & graph.nodes.keys()


def _compute_rules(
    settings: Settings, graph: _Graph, seeds: set[str], progress: Progress | None
) -> dict[str, set[str]]:
    """Builds seeds and the rule models; the changed keys of each rule model.

    The rows from before are kept until a build has succeeded: a run that is killed here must not
    lose what it would have found.
    """
    before = {name: f"ops.before_{graph.nodes[name].name}" for name in graph.rules}
    with connect(settings, read_only=False) as con:
        for name, table in before.items():
            node = graph.nodes[name]
            if table_exists(con, node.schema, node.name) and not table_exists(
                con, *table.split(".")
            ):
                con.execute(f"create table {table} as from {node.schema}.{node.name}")
    selected = [graph.nodes[name].name for name in sorted(seeds | graph.rules.keys())]
    command = ["build", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
    run_dbt(settings, [*command, "--select", *selected], progress)
    with connect(settings, read_only=True) as con:
        return {
            name: _changed_keys(con, graph.nodes[name], table)
            for name, table in before.items()
            if table_exists(con, *table.split("."))
        }


def _changed_keys(con: duckdb.DuckDBPyConnection, node: Any, before: str) -> set[str]:
    """Keys of the rows that differ; of a model without `rule_key`, one empty key if any does."""
    columns = ", ".join(node.config.meta["rule_columns"])
    key = node.config.meta.get("rule_key", "''")
    now = f"{node.schema}.{node.name}"
    rows = con.execute(
        f"""
        with differing as (
            (select {columns} from {before} except select {columns} from {now})
            union all
            (select {columns} from {now} except select {columns} from {before})
        )
        select distinct cast({key} as varchar) from differing
        """
    ).fetchall()
    return {str(row[0]) for row in rows}


def _record(
    settings: Settings, graph: _Graph, modified: set[str], changed: dict[str, set[str]]
) -> RuleChanges:
    """Writes the lists for this build and says why."""
    own = modified - graph.rules.keys()
    own = {name for name in own if graph.nodes[name].resource_type == "model"}
    rebuilt = graph.below(own)
    reasons = [f"{graph.nodes[name].name} has changed" for name in sorted(own)]
    codes: list[tuple[str, str]] = []
    for name in sorted(n for n in modified if graph.nodes[n].resource_type == "seed"):
        readers = {child for child in graph.children[name] if child not in graph.rules}
        rebuilt |= graph.below(readers)
        reasons.append(f"{graph.nodes[name].name} has changed")
    for name, keys in sorted(changed.items()):
        meta, model = graph.rules[name], graph.nodes[name].name
        if not keys:
            continue
        which = f" ({_some(keys)})" if meta.get("rule_key") else ""
        reasons.append(f"{model} holds other rules{which}")
        if meta.get("code_kind"):
            codes += [(meta["code_kind"], code) for code in sorted(keys)]
        else:
            rebuilt |= graph.below(_readers(graph, name, keys))
    names = sorted(
        graph.nodes[n].name for n in rebuilt if graph.nodes[n].config.materialized == "incremental"
    )
    with connect(settings, read_only=False) as con:
        _insert(con, "ops.rebuilt_models", [(name,) for name in names])
        _insert(con, "ops.changed_codes", codes)
        return RuleChanges(_rebuilt(con), tuple(reasons), is_same_project=False)


def _readers(graph: _Graph, name: str, keys: set[str]) -> set[str]:
    """Models that read a changed rule; rule models among them are judged by their own rows."""
    return {
        child
        for child in graph.children[name]
        if child not in graph.rules
        and keys & set(graph.nodes[child].config.meta.get("rules", keys))
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        values = ", ".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
        con.execute(f"insert into {table} (values {values}) except from {table}")


def _rebuilt(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    rows = con.execute("select model_name from ops.rebuilt_models order by 1").fetchall()
    return tuple(name for (name,) in rows)


def _some(keys: set[str], most: int = 5) -> str:
    shown = ", ".join(sorted(keys)[:most])
    return shown if len(keys) <= most else f"{shown} and {len(keys) - most} more"
