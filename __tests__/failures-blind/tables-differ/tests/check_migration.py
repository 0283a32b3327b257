"""Checks that the migrated orders are those of the old warehouse."""

from pyspark.sql import DataFrame, SparkSession

spark = SparkSession.builder.appName("check migration").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

SCHEMA = "order_id string, amount double"

old = spark.createDataFrame([("o-1", 10.0), ("o-2", 7.25), ("o-3", 12.5)], SCHEMA)
new = spark.createDataFrame([("o-1", 10.0), ("o-2", 7.25), ("o-3", 12.0)], SCHEMA)


def differences(one: DataFrame, other: DataFrame) -> list:
    lost = one.exceptAll(other)
    return sorted(lost.collect())


def test_same_count() -> None:
    assert old.count() == new.count(), "the counts differ"


def test_same_rows() -> None:
    diff = differences(old, new)
    assert not diff, diff


for test in (test_same_count, test_same_rows):
    print("running", test.__name__)
    test()
print("all tests passed")
