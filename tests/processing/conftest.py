"""One Spark session for all tests of the layer."""

import pytest
from engine_kit import shared_spark

from processing import SparkEngine


@pytest.fixture(scope="session")
def spark() -> SparkEngine:
    return shared_spark()
