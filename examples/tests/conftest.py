import pytest
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark():
    """The session of the batch; run_pytest.py started it."""
    return SparkSession.builder.getOrCreate()
