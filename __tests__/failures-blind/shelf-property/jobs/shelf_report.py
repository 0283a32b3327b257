"""Reports how full the shelves of each aisle are."""

from collections.abc import Iterable, Iterator

from pyspark.sql import Row, SparkSession
from shelves import Shelf


def describe(rows: Iterable[Row]) -> Iterator[tuple[str, float]]:
    for row in rows:
        shelf = Shelf(row.aisle, row.used, row.capacity)
        yield shelf.aisle, shelf.load


spark = SparkSession.builder.appName("shelf report").getOrCreate()
shelves = spark.createDataFrame(
    [("A", 3, 10), ("A", 8, 10), ("B", 0, 0), ("C", 5, 20)],
    "aisle string, used int, capacity int",
)
loads = shelves.rdd.mapPartitions(describe).toDF("aisle string, load double")
loads.groupBy("aisle").avg("load").show()
