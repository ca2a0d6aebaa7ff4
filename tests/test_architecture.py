"""The house rules that import-linter cannot see."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("ingestion", "preparation", "security", "storage", "processing")
PACKAGES = ("core", *LAYERS, "pipeline", "visualization")
MAX_FILE_LINES = 500
DRIVERS = {
    *("pandera", "polars", "pyarrow", "pandas", "numpy", "cryptography", "deltalake", "tantivy", "duckdb"),
    *("elasticsearch", "elastic_transport"),
    *("pyspark", "streamlit", "altair", "watchfiles", "kreuzberg", "pypdfium2", "av", "PIL", "lxml", "datasketches"),
}
NAMES_A_MODULE = re.compile(rf"({'|'.join(PACKAGES)})(\.\w+)+(:\w+)?")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported_modules(file: Path) -> Iterator[str]:
    """Every module that the file imports, inside functions too; a `from a import b` counts as `a` and as `a.b`
    where that is a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            for alias in node.names:
                way = ROOT.joinpath(*module.split("."), alias.name)
                if way.is_dir() or way.with_suffix(".py").is_file():
                    yield f"{module}.{alias.name}"


def test_every_package_of_ours_is_under_the_import_rule() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert folders == set(PACKAGES) == set(config["tool"]["importlinter"]["root_packages"])
    assert not any("ignore_imports" in contract for contract in config["tool"]["importlinter"]["contracts"])


def test_our_distribution_owns_its_top_level_names() -> None:
    owners = packages_distributions()
    assert {name: owners.get(name) for name in (*PACKAGES, "penstock") if owners.get(name) != ["penstock"]} == {}


def test_the_installed_names_are_these_files() -> None:
    script = "import json, sys, importlib.util as u; print(json.dumps([u.find_spec(n).origin for n in sys.argv[1:]]))"
    found = subprocess.run(
        [sys.executable, "-P", "-c", script, *PACKAGES, "penstock"], capture_output=True, check=True, cwd=ROOT.anchor
    )
    expected = [*(ROOT / name / "__init__.py" for name in PACKAGES), ROOT / "penstock.py"]
    assert [Path(origin).resolve() for origin in json.loads(found.stdout)] == expected


def test_no_module_beside_the_app_shadows_another() -> None:
    # `streamlit run visualization/app.py` puts that folder first on sys.path
    entries = {entry.stem for entry in (ROOT / "visualization").iterdir() if entry.suffix == ".py" or is_package(entry)}
    taken = set(PACKAGES) | {"penstock"} | set(sys.stdlib_module_names) | set(packages_distributions())
    assert (entries - {"__init__"}) & taken == set()


def is_package(entry: Path) -> bool:
    return entry.is_dir() and any(entry.glob("*.py"))


def test_folders_that_are_no_packages_stay_so() -> None:
    stray = [
        file
        for folder in ("docker", "docs", "benchmarks", "tests", "requirements")
        for file in (ROOT / folder).rglob("__init__.py")
    ]
    assert stray == []
    assert list(sources("docker")) == []


def test_what_is_above_a_layer_knows_its_front_door_only() -> None:
    inside = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in [*sources("pipeline", "visualization"), ROOT / "penstock.py"]
        for module in imported_modules(file)
        if module.partition(".")[0] in LAYERS and "." in module
    ]
    assert inside == []


def test_no_layer_names_another_in_a_string() -> None:
    # "storage.delta_lake:DeltaLake" in a table of backends is an import that no linter sees
    named = [
        f"{file.relative_to(ROOT)}:{node.lineno} names {node.value}"
        for layer in LAYERS
        for file in sources(layer)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (match := NAMES_A_MODULE.fullmatch(node.value)) and match[1] not in {layer, "core"}
        if module_exists(node.value.partition(":")[0])
    ]
    assert named == []


def module_exists(name: str) -> bool:
    way = ROOT.joinpath(*name.split("."))
    return way.is_dir() or way.with_suffix(".py").is_file()


def test_the_front_door_module_only_re_exports() -> None:
    body = ast.parse((ROOT / "penstock.py").read_text(encoding="utf-8")).body
    others = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)]
    assert others == []
    assert all(ast.unparse(node.targets[0]) == "__all__" for node in body if isinstance(node, ast.Assign))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is(package: str) -> None:
    undocumented = [
        str(file.relative_to(ROOT))
        for file in sources(package)
        if file.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert undocumented == []


def test_no_file_is_longer_than_a_person_reads() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources(*PACKAGES, "tests")}
    assert {str(file.relative_to(ROOT)): length for file, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_help_of_every_command_loads_no_driver() -> None:
    script = """
import json, sys
from pipeline.cli import app
from typer.main import get_command
from typer.testing import CliRunner

def ways(command, way=()):
    yield way
    for name, inner in getattr(command, "commands", {}).items():
        yield from ways(inner, (*way, name))

answers = {" ".join(way): CliRunner().invoke(app, [*way, "--help"]).exit_code for way in ways(get_command(app))}
print(json.dumps([answers, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    answers, modules = json.loads(found.stdout)
    assert {"", "run", "drop", "status", "search", "samples"} <= answers.keys()
    assert {way: status for way, status in answers.items() if status} == {}
    assert set(modules) & DRIVERS == set()
