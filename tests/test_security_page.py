"""What the security page says of attacks is what the tests try."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `(tests/[\w/]+\.py)::(\w+)` \|$", re.MULTILINE)
SAYING = (
    *("core/handshake.py", "security/message_sealer.py", "security/tls_context.py"),
    *("pipeline/serving.py", "storage/elasticsearch_cluster.py"),
)
GOOD = "test_both_ends_with_certificates_of_one_authority_talk"


def names_of_tests(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_attack_on_the_page_is_tried_and_every_one_that_is_tried_is_on_the_page() -> None:
    rows = ROW.findall(PAGE)
    table = PAGE.partition("## Attacks")[2]
    assert len(rows) == table.count("\n| ") - 1, "a row of the table cannot be read"
    missing = [f"{file}::{name}" for _, _, file, name in rows if name not in names_of_tests(file)]
    assert missing == []
    on_the_page = {name for _, _, file, name in rows if file == "tests/e2e/test_wire.py"}
    assert on_the_page == names_of_tests("tests/e2e/test_wire.py") - {GOOD}


def test_what_the_page_quotes_is_what_the_code_says() -> None:
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in SAYING)
    source = re.sub(r'"\s+f?"', "", source)  # a message may be broken into lines
    quoted = [said for _, told, _, _ in ROW.findall(PAGE) for said in re.findall(r'"([^"]+)"', told)]
    assert [said for said in quoted if said not in source] == []
