"""How tests share servers, and what a missing one means: a skip on a developer's machine, a failure where CI is set."""

import os
from collections.abc import Callable

import pytest
from elasticsearch_indexes import elasticsearch_indexes
from elasticsearch_server import elasticsearch, elasticsearch_nodes
from kafka_server import kafka
from spark_cluster import spark_standalone

__all__ = ["elasticsearch", "elasticsearch_indexes", "elasticsearch_nodes", "kafka", "require", "spark_standalone"]

Require = Callable[[str, object, str], None]
SERVERS = frozenset({"elasticsearch", "elasticsearch_nodes", "kafka"})


@pytest.hookimpl(tryfirst=True)  # before the names are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of processes that run the tests side by side, one runs those of the servers; other files stay whole."""
    of_servers = {item.path for item in items if SERVERS & set(getattr(item, "fixturenames", ()))}
    for item in items:
        group = "servers" if item.path in of_servers else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def require() -> Require:
    """`require(name, found, install)`: goes on where `found` is true.

    Otherwise it skips the test, saying what is missing and the line that installs it; with CI=true it fails the test,
    so that a machine that lost its browser cannot pass by leaving tests out.
    """
    return _require


def _require(name: str, found: object, install: str) -> None:
    if found:
        return
    message = f"{name} is not on this machine; install it with: {install}"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"{message} (missing parts fail where CI is set)", pytrace=False)
    pytest.skip(message)
