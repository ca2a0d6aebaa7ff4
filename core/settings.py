"""Settings, read once into frozen values.

`penstock.toml` in the working folder, then in the home, then ``PENSTOCK_*`` variables, then options; the later
wins. ``[ingestion] after = "move"`` is ``PENSTOCK_INGESTION_AFTER=move`` as a variable.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from core.errors import SettingsError

SETTINGS_FILE = "penstock.toml"
VARIABLE_PREFIX = "PENSTOCK_"
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How files are collected."""

    after: str = "keep"  # what happens to a file once the vault has its bytes: keep, move, delete
    rescan_seconds: float = 2.0  # how often the whole inbox is compared with what is known
    settle_seconds: float = 0.25  # a file that has not changed for so long is complete
    max_archive_bytes: int = 2048 * _MIB  # all members of an archive together
    max_archive_members: int = 10_000
    max_archive_depth: int = 4


@dataclass(frozen=True, slots=True)
class Preparation:
    """The workers that open files."""

    workers: int = 2
    timeout_seconds: float = 120.0  # wall clock for one file
    model_workers: int = 2  # with the models of OCR and speech; started when a file needs one; 0 switches both off
    model_timeout_seconds: float = 3600.0  # wall clock for one file that they read: a scan of 1,000 pages takes that
    memory_bytes: int = 4096 * _MIB  # address space a worker may add for one file
    files_per_worker: int = 2_000  # then a worker is replaced, which costs 0.4 s; earlier where it has grown
    max_bytes: int = 4096 * _MIB  # a larger file is not opened: while it is, its bytes are held in memory
    readable: tuple[str, ...] = ()  # what workers may read besides Python and its packages, for a model of your own
    writable: tuple[str, ...] = ()  # folders in which workers may write, likewise; ours need none
    ocr: bool = True  # scans and pictures of text are read, where the extra `ocr` is installed
    speech: bool = True  # what is said in sound and film is read, where the extra `speech` is installed
    speech_model: str = ""  # folder of a CTranslate2 Whisper model; default: English, from the extra


@dataclass(frozen=True, slots=True)
class Security:
    """Keys and policy."""

    key_file: str = ""  # default HOME/keys.json
    keys: str = field(default="", repr=False)  # Fernet keys, newest first, comma-separated; instead of the file
    reveal: tuple[str, ...] = ()  # dataset.column of personal data that policy opens


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of every wire; empty means HOME/certs, where `penstock certs init` made them."""

    ca_file: str = ""  # the authorities that are trusted, PEM; default HOME/certs/ca.pem, else the system's
    cert_file: str = ""  # our certificate and those between it and its authority, PEM
    key_file: str = ""  # its private key, PEM, mode 0600
    insecure_development: bool = False  # clients verify no server, and reach only servers on loopback


@dataclass(frozen=True, slots=True)
class Storage:
    """Where bytes, rows and the index are kept; empty means inside the home."""

    vault_url: str = ""
    lake_url: str = ""
    index: str = "tantivy"  # what keeps the search index: tantivy, inside the home, or elasticsearch


@dataclass(frozen=True, slots=True)
class Elasticsearch:
    """The cluster of the search index, where `storage.index` is elasticsearch."""

    urls: tuple[str, ...] = ("https://localhost:9200",)  # nodes of one cluster; TLS only
    prefix: str = "penstock"  # what the names of all our indexes begin with
    shards: int = 1  # of a new index; a million rows or a thousand, one shard of a dataset takes 50 GB
    replicas: int = 1
    timeout_seconds: float = 60.0  # how long one request may take
    password: str = field(default="", repr=False)  # for `penstock elastic setup` alone; asked for where it is empty


@dataclass(frozen=True, slots=True)
class Kafka:
    """Events of topics, shown in the views as they come and stored like files; read where servers are named."""

    servers: tuple[str, ...] = ()  # host:port of some brokers; reached by TLS with the files of [tls]
    topics: tuple[str, ...] = ()  # each a topic, or topic=dataset where all of its events are of that dataset
    watermark_seconds: float = 0.0  # an event that is so much older than the newest is late; 0: none ever is
    store_seconds: float = 5.0  # the events of so long become one blob; each costs a commit of lake, index and views
    skip_lost: bool = False  # whether to go on where a topic has dropped events before they were read
    jars: str = ""  # folder of the jars that Spark reads Kafka with; default HOME/state/jars


@dataclass(frozen=True, slots=True)
class Processing:
    """Engines."""

    train: bool = True  # whether `run` trains a model by itself once there are rows enough
    retrain: bool = False  # whether it also does so again once new rows are no longer like those a model learned from
    review_cost: float = 250.0  # of one claim that a person reviews, in the currency of the claims
    review_budget: float = 0.0  # what all reviews together may cost; 0 means that a tenth of the claims are reviewed
    hold_cost: float = 25.0  # of one bill that is held and looked at
    missed_anomaly_cost: float = 9.0  # of an anomaly of a sensor that nobody was told of
    false_alert_cost: float = 1.0  # of an alert for nothing, in the same currency
    session_gap_seconds: int = 1800  # a longer pause of a visitor ends their session
    session_lateness_seconds: int = 3600  # an event so much older than the newest is late: counted, not yet taken in
    live: str = "local"  # what keeps views as far as the lake: local, in this process, or spark, a streaming query
    spark_master: str = "local[2]"
    spark_memory: str = "1g"
    spark_properties: str = ""  # a file like spark-defaults.conf, for a cluster: its secret, its resources; mode 0600


@dataclass(frozen=True, slots=True)
class Visualization:
    """The dashboard."""

    host: str = "127.0.0.1"
    port: int = 8501  # 0 takes a free one


@dataclass(frozen=True, slots=True)
class Kibana:
    """Who `penstock kibana install` is to Kibana: an API key, or a name and a password."""

    api_key: str = field(default="", repr=False)  # encoded, as Kibana shows it
    username: str = ""
    password: str = field(default="", repr=False)
    space: str = ""  # empty means the default space
    timeout_seconds: float = 60.0  # how long an import may take


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of one running system; `home` holds all its state.

    `config` is the file that was named instead of penstock.toml; `is_read` says that files and variables were read,
    so that they can be read again.
    """

    home: Path
    ingestion: Ingestion = field(default_factory=Ingestion)
    preparation: Preparation = field(default_factory=Preparation)
    security: Security = field(default_factory=Security)
    tls: Tls = field(default_factory=Tls)
    storage: Storage = field(default_factory=Storage)
    elasticsearch: Elasticsearch = field(default_factory=Elasticsearch)
    kafka: Kafka = field(default_factory=Kafka)
    processing: Processing = field(default_factory=Processing)
    visualization: Visualization = field(default_factory=Visualization)
    kibana: Kibana = field(default_factory=Kibana)
    config: Path | None = field(default=None, compare=False)
    is_read: bool = field(default=False, compare=False)


_NOT_OF_FILES = ("home", "config", "is_read")
_SECTIONS: dict[str, type] = {
    each.name: get_type_hints(Settings)[each.name] for each in fields(Settings) if each.name not in _NOT_OF_FILES
}
_CHOICES = {
    ("ingestion", "after"): ("keep", "move", "delete"),
    ("storage", "index"): ("tantivy", "elasticsearch"),
    ("processing", "live"): ("local", "spark"),
}
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_NOT_SECTIONS = ("HOME", "CONFIG", "ACTOR")


def load_settings(
    home: Path | None = None, config: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Reads the settings of one home.

    Raises:
        SettingsError: Naming a key that is unknown, or a value that is not of its type or among its choices.
    """
    env = os.environ if environ is None else environ
    chosen = home or Path(env.get(f"{VARIABLE_PREFIX}HOME", "data"))
    files = [config] if config else [Path(SETTINGS_FILE), chosen / SETTINGS_FILE]
    settings = Settings(home=chosen.absolute(), config=config, is_read=True)
    for file in files:
        if config or file.is_file():
            settings = _with_values(settings, _read_toml(file), str(file))
    return _with_values(settings, _from_environment(env), "the environment")


def read_again(settings: Settings) -> Settings:
    """The settings as their files and the environment are now; those that were not read stay as they are.

    Raises:
        SettingsError: As `load_settings`.
    """
    return load_settings(settings.home, settings.config) if settings.is_read else settings


@contextmanager
def secrets_withheld() -> Iterator[None]:
    """Takes variables with keys and passwords out of the environment, while a process starts that must not have them.

    For as short as that takes: what another thread starts meanwhile does not have them either.
    """
    taken = {name: os.environ.pop(name) for name in _secret_variables() if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


def _secret_variables() -> Iterator[str]:
    for section, kind in _SECTIONS.items():
        for each in fields(kind):
            if not each.repr:
                yield f"{VARIABLE_PREFIX}{section}_{each.name}".upper()


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables from which another process reads the same settings; empty values are left to their default."""
    variables = {"HOME": str(settings.home)}
    for section in _SECTIONS:
        for name, value in asdict(getattr(settings, section)).items():
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            if text:
                variables[f"{section}_{name}".upper()] = text
    return {f"{VARIABLE_PREFIX}{name}": value for name, value in variables.items()}


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.", "Check --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.", "Mend that line.") from error


def _from_environment(env: Mapping[str, str]) -> dict[str, dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    for name, value in env.items():
        rest = name.removeprefix(VARIABLE_PREFIX)
        section, _, key = rest.lower().partition("_")
        if rest == name or rest in _NOT_SECTIONS or section not in _SECTIONS:
            continue
        values.setdefault(section, {})[key] = value
    return values


def _with_values(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    for section, entries in values.items():
        if section not in _SECTIONS or not isinstance(entries, Mapping):
            raise SettingsError(
                f"{origin} has an unknown section [{section}].", f"Sections are {', '.join(sorted(_SECTIONS))}."
            )
        parsed = {key: _parsed(section, key, value, origin) for key, value in entries.items()}
        settings = replace(settings, **{section: replace(getattr(settings, section), **parsed)})
    return settings


def _parsed(section: str, key: str, value: Any, origin: str) -> Any:
    hints = get_type_hints(_SECTIONS[section])
    if key not in hints:
        raise SettingsError(
            f"{origin} has an unknown setting {section}.{key}.", f"Settings are {', '.join(sorted(hints))}."
        )
    parsed = _converted(hints[key], value, f"{section}.{key} in {origin}")
    choices = _CHOICES.get((section, key))
    if choices and parsed not in choices:
        raise SettingsError(f"{section}.{key} in {origin} is {parsed!r}.", f"Choose one of {', '.join(choices)}.")
    return parsed


def _converted(expected: Any, value: Any, where: str) -> Any:
    try:
        if get_args(expected):
            return tuple(value.split(",") if isinstance(value, str) else value)
        if expected is bool:
            return value if isinstance(value, bool) else _TRUTHS[str(value).lower()]
        if expected is str and not isinstance(value, str):
            raise ValueError
        return expected(value)
    except (TypeError, ValueError, KeyError) as error:
        name = getattr(expected, "__name__", str(expected))
        raise SettingsError(f"{where} is {value!r}.", f"Give a value of type {name}.") from error
