"""Unites the regional order lists into one."""

import logging
from functools import reduce

from pyspark.sql import DataFrame, SparkSession

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("unite_regions")

spark = SparkSession.builder.appName("unite regions").getOrCreate()

REGIONS = {
    "north": ([(1, "Oslo", 10.0)], "id int, city string, amount double"),
    "south": ([(2, "Rome", 12.5)], "id int, city string, amount double"),
    "west": ([(3, "Lyon", 8.0, "EUR")], "id int, city string, amount double, currency string"),
}


def read_region(name: str) -> DataFrame:
    rows, schema = REGIONS[name]
    frame = spark.createDataFrame(rows, schema)
    log.info("region %s has %d columns", name, len(frame.columns))
    return frame


def unite(frames: list[DataFrame]) -> DataFrame:
    return reduce(lambda left, right: left.union(right), frames)


orders = unite([read_region(name) for name in sorted(REGIONS)])
log.info("united %d orders", orders.count())
