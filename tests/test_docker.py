"""The container files: they parse, and everything they name exists."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
INSTRUCTIONS = {
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
SERVICE_KEYS = {
    *("build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "logging"),
    *("mem_limit", "ports", "profiles", "read_only", "restart", "security_opt", "tmpfs", "ulimits", "user", "volumes"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
ONE_SHOT = {"elastic-certificates", "kibana-user"}
SIZE = re.compile(r"\d+[kmg]")


def compose() -> dict[str, Any]:
    loaded = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found = compose()["services"]
    assert isinstance(found, dict)
    return found


def instructions() -> list[tuple[str, str]]:
    lines = (line for line in (DOCKER / "Dockerfile").read_text(encoding="utf-8").splitlines())
    kept = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    logical = kept.replace("\\\n", " ").splitlines()
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in logical if line.strip())]


def test_the_compose_file_has_known_parts_only() -> None:
    assert {key for key in compose() if not key.startswith("x-")} == {"name", "services", "volumes"}
    assert {
        name: set(service) - SERVICE_KEYS for name, service in services().items() if set(service) - SERVICE_KEYS
    } == {}


@pytest.mark.parametrize("name", list(services()))
def test_a_service_can_be_started(name: str) -> None:
    service = services()[name]
    assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name)
    assert "image" in service or "build" in service
    for other, needed in service.get("depends_on", {}).items():
        assert other in services()
        assert needed["condition"] in CONDITIONS
        if needed["condition"] == "service_healthy":
            assert "healthcheck" in services()[other]
        # a service of a profile cannot wait for one that the profile leaves out
        assert set(services()[other].get("profiles", [])) <= set(service.get("profiles", []))


@pytest.mark.parametrize("name", list(services()))
def test_a_service_keeps_to_its_bounds(name: str) -> None:
    service = services()[name]
    assert SIZE.fullmatch(service["mem_limit"])
    assert [port for port in service.get("ports", []) if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)] == []
    if name not in ONE_SHOT | {"penstock"}:  # the image of Penstock brings its own
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert re.fullmatch(r"\d+s", service["healthcheck"]["interval"])


@pytest.mark.parametrize("name", list(services()))
def test_what_a_service_mounts_and_reads_exists(name: str) -> None:
    for volume in services()[name].get("volumes", []):
        source = re.match(r"(\$\{[^}]+\}|[^:]+):", volume)
        assert source
        if source[1][0] not in "./$":
            assert source[1] in compose()["volumes"]
    for file in services()[name].get("env_file", []):
        assert (DOCKER / f"{file['path']}.example").is_file()
        assert file["required"] is False  # secrets are not in the repository


def test_every_declared_volume_is_used() -> None:
    used = {volume.partition(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert set(compose()["volumes"]) <= used


def test_no_secret_is_written_into_the_compose_file() -> None:
    named = [
        key
        for service in services().values()
        for key, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|_KEYS?$", key) and not value.startswith("config/certs/")  # where a key is kept
    ]
    assert named == []
    for example in DOCKER.glob("*.env.example"):
        values = [line for line in example.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        assert [line for line in values if not line.endswith("=")] == []


def test_the_build_of_the_compose_file_is_there() -> None:
    build = services()["penstock"]["build"]
    context = (DOCKER / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()


def test_the_dockerfile_parses() -> None:
    found = instructions()
    assert {word for word, _ in found} <= INSTRUCTIONS
    assert found[0][0] == "FROM"
    for word, rest in found:
        assert rest, word
        if rest.startswith("["):
            assert all(isinstance(part, str) for part in json.loads(rest))
        elif word == "RUN":
            assert shlex.split(rest)
    stages = [rest.split(" AS ")[1] for word, rest in found if word == "FROM" and " AS " in rest]
    assert {source for _, rest in found for source in re.findall(r"--from=(\S+)", rest)} <= set(stages)


def test_what_the_dockerfile_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = [
        line[1:].rstrip("/")
        for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
        if line[:1] == "!"
    ]
    for word, rest in instructions():
        if word != "COPY" or rest.startswith("--from"):
            continue
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in sent, source


def test_every_package_of_ours_is_in_the_image() -> None:
    copied = {rest.split()[0].rstrip("/") for word, rest in instructions() if word == "COPY"}
    assert {file.parent.name for file in ROOT.glob("*/__init__.py")} <= copied


def test_the_image_does_not_run_as_root() -> None:
    words = [word for word, _ in instructions()]
    last_stage = instructions()[len(words) - 1 - words[::-1].index("FROM") :]
    assert [rest for word, rest in last_stage if word == "USER"] == ["penstock"]
    assert "HEALTHCHECK" in words
