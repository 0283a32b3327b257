"""Appends yesterday's click events to the silver layer; the scheduler wants exit code 1 on failure."""

import logging
import sys
from datetime import date, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

logging.basicConfig(
    stream=sys.stdout,
    level=logging.INFO,
    format="%(asctime)s %(levelname)-7s %(name)s - %(message)s",
)
log = logging.getLogger("load_events")
logging.getLogger("py4j").setLevel(logging.WARNING)


def read_partition(spark: SparkSession, day: date) -> DataFrame:
    path = f"Files/landing/events/date={day:%Y-%m-%d}"
    log.info("reading %s", path)
    return spark.read.parquet(path)


def load(spark: SparkSession, day: date) -> int:
    events = read_partition(spark, day).withColumn("loaded_at", F.current_timestamp())
    events.write.mode("append").parquet("Files/silver/events")
    return events.count()


def main() -> None:
    spark = SparkSession.builder.appName("load events").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    day = date(2025, 3, 3) - timedelta(days=1)
    try:
        rows = load(spark, day)
        log.info("loaded %d events of %s", rows, day)
    except Exception:
        log.exception("load of %s failed", day)
        sys.exit(1)
    finally:
        spark.stop()
        log.info("session closed")


if __name__ == "__main__":
    main()
