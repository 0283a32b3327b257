"""Loads the returned parcels and sees to it that none of them is lost."""

from types import TracebackType

from pyspark.sql import DataFrame, SparkSession


class RowsLost(Exception):
    pass


class NoRowLost:
    def __init__(self, before: DataFrame) -> None:
        self.expected = before.count()
        self.after: DataFrame | None = None

    def __enter__(self) -> "NoRowLost":
        return self

    def __exit__(self, kind: type | None, error: Exception | None, trace: TracebackType | None) -> None:
        if error is None and self.after is not None:
            kept = self.after.count()
            if kept != self.expected:
                raise RowsLost(f"{self.expected} rows came in, {kept} are left")


spark = SparkSession.builder.appName("load returns").getOrCreate()
parcels = spark.createDataFrame([(1, "A-1"), (2, None), (3, "C-4")], "parcel int, reason string")
reasons = spark.createDataFrame([("A-1", "broken"), ("C-4", "late")], "reason string, label string")

with NoRowLost(parcels) as check:
    labelled = parcels.join(reasons, "reason")
    check.after = labelled
    print("joined the reasons")

labelled.write.mode("overwrite").parquet("Files/silver/returns")
