"""The configuration files of docs/clusters.md: Spark knows every key, and each has the shape that its reader takes."""

import json
import re
import struct
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pyspark
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from processing.spark_session import _SECURE_NETWORK, names_of

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "docs/config"
JARS = Path(pyspark.__file__).parent / "jars"
SPARK_JARS = ("core", "common-utils", "network-common", "catalyst", "sql-api", "sql", "yarn", "kubernetes")
PROPERTIES = ("spark-standalone.conf", "spark-yarn.conf", "spark-kubernetes.conf")
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def record(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A JSON object with these fields and no others."""
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def items(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": 1}


TEXT, WHOLE, TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
# As core/v1 has them, of what an executor's template may say.
POD = record(
    ("apiVersion", "kind", "spec"),
    apiVersion={"const": "v1"},
    kind={"const": "Pod"},
    metadata=record(labels=TEXTS, annotations=TEXTS),
    spec=record(
        ("containers",),
        automountServiceAccountToken=TRUTH,
        securityContext=record(
            runAsNonRoot=TRUTH,
            runAsUser=WHOLE,
            fsGroup=WHOLE,
            seccompProfile=record(("type",), type={"enum": ["RuntimeDefault", "Localhost", "Unconfined"]}),
        ),
        containers=items(
            record(
                ("name",),
                name=TEXT,
                securityContext=record(
                    allowPrivilegeEscalation=TRUTH,
                    readOnlyRootFilesystem=TRUTH,
                    capabilities=record(drop=items(TEXT), add=items(TEXT)),
                ),
                volumeMounts=items(record(("name", "mountPath"), name=TEXT, mountPath=TEXT, readOnly=TRUTH)),
            )
        ),
        volumes=items(
            record(("name",), name=TEXT, emptyDir=record(medium={"enum": ["", "Memory"]}, sizeLimit=TEXT)),
        ),
    ),
)
EMR_CLASSIFICATIONS = ["core-site", "hdfs-site", "spark", "spark-defaults", "spark-env", "spark-log4j2", "yarn-site"]
EMR_CONFIGURATIONS = items(
    record(
        ("Classification", "Properties"),
        Classification={"enum": EMR_CLASSIFICATIONS},
        Properties=TEXTS,
        Configurations={"type": "array"},
    )
)
EMR_STEPS = items(
    record(
        ("Name", "HadoopJarStep"),
        Name={"type": "string", "maxLength": 256},
        ActionOnFailure={"enum": ["TERMINATE_CLUSTER", "CANCEL_AND_WAIT", "CONTINUE"]},
        HadoopJarStep=record(("Jar",), Jar=TEXT, Args=items(TEXT), MainClass=TEXT),
    )
)
DATAPROC_INSTANCES = record(numInstances=WHOLE, machineTypeUri=TEXT)
DATAPROC = record(
    ("jobs", "placement"),
    jobs=items(
        record(
            ("stepId", "pigJob"),
            stepId={"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_-]{1,48}[a-zA-Z0-9]$"},
            pigJob=record(("queryList",), continueOnFailure=TRUTH, queryList=record(("queries",), queries=items(TEXT))),
        )
    ),
    placement=record(
        ("managedCluster",),
        managedCluster=record(
            ("clusterName", "config"),
            clusterName={"type": "string", "pattern": "^[a-z]([a-z0-9-]{0,53}[a-z0-9])?$"},
            config=record(
                configBucket=TEXT,
                gceClusterConfig=record(
                    internalIpOnly=TRUTH,
                    subnetworkUri=TEXT,
                    serviceAccount=TEXT,
                    shieldedInstanceConfig=record(enableSecureBoot=TRUTH),
                ),
                encryptionConfig=record(gcePdKmsKeyName=TEXT),
                initializationActions=items(
                    record(("executableFile",), executableFile=TEXT, executionTimeout={"pattern": r"^\d+s$"})
                ),
                masterConfig=DATAPROC_INSTANCES,
                workerConfig=DATAPROC_INSTANCES,
                softwareConfig=record(imageVersion=TEXT, properties=TEXTS),
            ),
        ),
    ),
)
SHAPES = {
    "spark-executor-pod.yaml": POD,
    "emr-configurations.json": EMR_CONFIGURATIONS,
    "emr-step.json": EMR_STEPS,
    "dataproc-workflow.yaml": DATAPROC,
}


@cache
def content(name: str) -> Any:
    text = (CONFIG / name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


@cache
def named_by_spark() -> bytes:
    """The classes of Spark's own jars, in whose constants every key stands that it reads."""
    whole = []
    for part in SPARK_JARS:
        [jar] = [
            file for file in JARS.glob(f"spark-{part}_*.jar") if re.fullmatch(rf"spark-{part}_[\d.-]+\.jar", file.name)
        ]
        with zipfile.ZipFile(jar) as classes:
            whole += [classes.read(name) for name in classes.namelist() if name.endswith(".class")]
    return b"".join(whole)


def is_known(key: str) -> bool:
    return struct.pack(">BH", 1, len(key)) + key.encode() in named_by_spark()


def set_in(name: str) -> dict[str, str]:
    lines = (CONFIG / name).read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {key: value.strip() for key, value in pairs}


def of_spark(name: str) -> dict[str, str]:
    """What a file of a cloud sets for Spark."""
    if name == "emr-configurations.json":
        [found] = [each["Properties"] for each in content(name) if each["Classification"] == "spark-defaults"]
        return dict(found)
    properties = content(name)["placement"]["managedCluster"]["config"]["softwareConfig"]["properties"]
    return {key.removeprefix("spark:"): value for key, value in properties.items()}


@pytest.mark.parametrize("name", PROPERTIES)
def test_spark_reads_every_key_of_our_files(name: str) -> None:
    given = set_in(name)
    assert given.keys() == names_of(CONFIG / name)
    assert [key for key in given if not is_known(key)] == []
    assert not is_known("spark.authenticate.secrets"), "a key that nobody reads is told"


@pytest.mark.parametrize("name", ["emr-configurations.json", "dataproc-workflow.yaml"])
def test_spark_reads_every_key_that_a_cloud_is_told(name: str) -> None:
    assert [key for key in of_spark(name) if not is_known(key)] == []


@pytest.mark.parametrize("name", [*PROPERTIES, "emr-configurations.json", "dataproc-workflow.yaml"])
def test_every_cluster_is_as_secured_as_our_own_session(name: str) -> None:
    given = set_in(name) if name in PROPERTIES else of_spark(name)
    assert {key: given.get(key) for key in _SECURE_NETWORK} == _SECURE_NETWORK
    assert given["spark.io.encryption.enabled"] == "true"


@pytest.mark.parametrize(("name", "shape"), SHAPES.items(), ids=SHAPES)
def test_a_file_has_the_shape_that_its_reader_takes(name: str, shape: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(shape)
    assert [error.message for error in Draft202012Validator(shape).iter_errors(content(name))] == []


def test_the_steps_of_clouds_are_commands_of_ours() -> None:
    from typer.main import get_command

    from pipeline.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    steps = [step["HadoopJarStep"]["Args"] for step in content("emr-step.json")]
    steps += [job["pigJob"]["queryList"]["queries"][0].split()[1:] for job in content("dataproc-workflow.yaml")["jobs"]]
    for program, config, _, command, engine, _, url in steps:
        assert (program, config, engine) == ("/opt/penstock/bin/penstock", "--config", "--engine")
        assert "--engine" in {option for each in commands[command].params for option in each.opts}
        assert "://" in url


def test_the_page_names_every_file_and_no_other() -> None:
    page = (ROOT / "docs/clusters.md").read_text(encoding="utf-8")
    assert set(re.findall(r"config/([\w.-]+)", page)) == {file.name for file in CONFIG.iterdir()}
