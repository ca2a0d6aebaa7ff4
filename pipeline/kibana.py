"""What `penstock kibana` does: exports the objects that show a home in Kibana, and installs them in one."""

import base64
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from core.errors import (
    EngineError,
    HandshakeError,
    PenstockError,
    RefusedError,
    SettingsError,
    UnavailableError,
    UsageError,
)
from core.settings import Kibana, Settings
from pipeline.bootstrap import Parts

ALL_FILE = "penstock.ndjson"
TRIES = 4
PAUSE_SECONDS = 2.0
MAX_NAMED = 5
_MAX_TOLD_CHARS = 300
_SIGN_IN = "Set PENSTOCK_KIBANA_API_KEY, or PENSTOCK_KIBANA_USERNAME and PENSTOCK_KIBANA_PASSWORD."
_BUSY = {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    location: str = ""


def export(settings: Settings, folder: Path) -> Iterator[dict[str, Any]]:
    """Writes the objects of a home into files that Kibana imports: ``path`` and ``objects`` of each.

    What makes them imports us, so it is started, not imported.

    Raises:
        EngineError: In its own words, if it fails.
    """
    environment = {"PENSTOCK_HOME": str(settings.home), "PENSTOCK_ELASTICSEARCH_PREFIX": settings.elasticsearch.prefix}
    made = subprocess.run(
        [sys.executable, "-m", "visualization.kibana", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    if made.returncode:
        raise EngineError(f"The objects for Kibana could not be made. {made.stderr.strip()[-_MAX_TOLD_CHARS:]}")
    yield from (json.loads(line) for line in made.stdout.splitlines())


def install(settings: Settings, url: str) -> Iterator[dict[str, Any]]:
    """Imports the objects of a home into a Kibana, over those of an earlier import.

    Yields:
        A line a dashboard: ``dashboard``, ``title``, ``address``.

    Raises:
        UsageError: If the URL is none, or would send everything in the clear.
        SettingsError: If nobody is named who may.
        RefusedError: If Kibana does not know who asks, or does not let them.
        HandshakeError: If the server is not one that we trust.
        UnavailableError: If it was busy or away at every try.
        PenstockError: Naming the objects that it did not take.
    """
    parts = Parts(settings)
    door = ImportDoor(url, settings.kibana, parts.tls.client_context())
    with tempfile.TemporaryDirectory(prefix="penstock-kibana-") as folder:
        for _ in export(settings, Path(folder)):
            pass
        content = Path(folder, ALL_FILE).read_bytes()
    taken = door.take(content)
    parts.audit.record("install in Kibana", url, f"{taken} objects")
    for line in content.splitlines():
        found = json.loads(line)
        if found["type"] == "dashboard":
            address = f"{door.address}/app/dashboards#/view/{quote(found['id'])}"
            yield {"dashboard": found["id"], "title": found["attributes"]["title"], "address": address}


class ImportDoor:
    """The import of saved objects of one Kibana.

    Args:
        url: Where it is, with its base path if it has one.
        settings: Who asks, and for which space.
        tls: Verifies it.

    Raises:
        UsageError: If `url` is none, or is not ``https://``.
        SettingsError: If `settings` names nobody.
    """

    def __init__(self, url: str, settings: Kibana, tls: ssl.SSLContext) -> None:
        unusable = UsageError(f"{url[:200]!r} is not where a Kibana can be asked safely.", "Give an https:// URL.")
        try:
            parsed = urlsplit(url)
            port = parsed.port or 443
        except ValueError as error:
            raise unusable from error
        if parsed.scheme != "https" or not parsed.hostname:
            raise unusable
        self._host, self._port = parsed.hostname, port
        self._path = parsed.path.rstrip("/") + (f"/s/{quote(settings.space)}" if settings.space else "")
        self.address = f"https://{parsed.netloc.rpartition('@')[2]}{self._path}"
        self._authorization = _authorization(settings)
        self._tls = tls
        self._timeout = settings.timeout_seconds

    def take(self, content: bytes) -> int:
        """Has the lines of an export imported; how many objects that were.

        Raises:
            UnavailableError: If it was busy, starting, or away at every try.
            PenstockError: As `install`.
        """
        for left in range(TRIES - 1, -1, -1):
            try:
                answer = self._post(content)
            except UnavailableError:
                if not left:
                    raise
            else:
                if answer.status not in _BUSY:
                    return self._understood(answer)
                if not left:
                    raise UnavailableError(f"{self._said(answer)}.", "Try again when it is up and nobody else imports.")
            time.sleep(PAUSE_SECONDS)
        raise AssertionError

    def _post(self, content: bytes) -> Answer:
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{ALL_FILE}"\r\n'
        body = (
            f"{head}Content-Type: application/x-ndjson\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        )
        headers = {
            "Authorization": self._authorization,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "kbn-xsrf": "penstock",
        }
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        try:
            connection.request("POST", f"{self._path}/api/saved_objects/_import?overwrite=true", body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.getheader("Location") or "")
        except ssl.SSLError as error:
            raise HandshakeError(
                f"Kibana at {self.address} is not one that we trust: {error}.",
                "Check tls.ca_file, and that the URL names the host as its certificate does.",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(f"Kibana at {self.address} does not answer: {error}.", "Check the URL.") from error
        finally:
            connection.close()

    def _understood(self, answer: Answer) -> int:
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise RefusedError(f"Kibana at {self.address} does not know who asks.", _SIGN_IN)
        if answer.status == HTTPStatus.FORBIDDEN:
            raise RefusedError(f"{self._said(answer)}.", "Take the key of one who may manage saved objects.")
        if answer.location:
            raise PenstockError(f"Kibana at {self.address} is elsewhere: {answer.location[:200]}.", "Give that URL.")
        told = _json(answer.body)
        if answer.status != HTTPStatus.OK or "success" not in told:
            raise PenstockError(f"{self._said(answer)}.", "Check that the URL is that of a Kibana 9.")
        if not told["success"]:
            raise _refused(told)
        return int(told["successCount"])

    def _said(self, answer: Answer) -> str:
        told = _json(answer.body)
        words = str(told.get("message") or answer.body.decode("utf-8", "replace"))[:_MAX_TOLD_CHARS].strip().rstrip(".")
        return f"Kibana at {self.address} answered {answer.status}: {words or 'nothing'}"


def _authorization(settings: Kibana) -> str:
    if settings.api_key:
        return f"ApiKey {settings.api_key.strip()}"
    if settings.username and settings.password:
        token = base64.b64encode(f"{settings.username}:{settings.password}".encode()).decode()
        return f"Basic {token}"
    raise SettingsError("Kibana is not told who asks.", _SIGN_IN)


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _refused(told: Mapping[str, Any]) -> PenstockError:
    """The error of an import of which some objects were not taken: each with Kibana's reason."""
    errors: Sequence[Mapping[str, Any]] = told.get("errors") or ()
    named = [f"{error['type']} {error['id']}: {_reason(error.get('error') or {})}" for error in errors[:MAX_NAMED]]
    more = [f"and {len(errors) - MAX_NAMED} more"] if len(errors) > MAX_NAMED else []
    return PenstockError(
        f"Kibana took {told.get('successCount', 0)} objects and refused {len(errors)}: {'; '.join([*named, *more])}.",
        "Mend what it names, then install again: what is there already is replaced.",
    )


def _reason(error: Mapping[str, Any]) -> str:
    kind = error.get("type", "unknown")
    if kind == "missing_references":
        missing = ", ".join(f"{to['type']} {to['id']}" for to in error.get("references", ()))
        return f"it uses {missing}, which is not there"
    if kind in {"conflict", "ambiguous_conflict"}:
        return "another object has its id"
    if kind == "unsupported_type":
        return "this Kibana has no such type of object"
    return str(error.get("message") or kind)[:_MAX_TOLD_CHARS].rstrip(".")
