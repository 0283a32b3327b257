"""Builds the customer dimension in steps; each step says when it begins and what becomes of it."""

import functools
import logging

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
log = logging.getLogger("dim_customer")


class StepFailed(RuntimeError):
    pass


def step(title):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            log.info("step %s: begins", title)
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                log.error("step %s: FAILED (%s)", title, type(error).__name__)
                raise StepFailed(f"step '{title}' failed; earlier steps are kept") from error
            log.info("step %s: done", title)
            return result

        return wrapper

    return decorate


@step("extract")
def extract(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        [(1, "Anna", "2025-01-03"), (2, "Beat", "2025-02-11"), (2, "Beat", "2025-02-12")],
        "customer_id int, name string, valid_from string",
    )


@step("deduplicate")
def deduplicate(customers: DataFrame) -> DataFrame:
    counts = customers.groupBy("customer_id").count().where(F.col("count") > 1).collect()
    duplicates = {row["customer_id"]: row["count"] for row in counts}
    newest = max(duplicates, key=duplicates.get)
    log.info("customer %s has most versions (%s)", newest, duplicates[str(newest)])
    return customers.dropDuplicates(["customer_id"])


if __name__ == "__main__":
    session = SparkSession.builder.appName("dim customer").getOrCreate()
    session.sparkContext.setLogLevel("WARN")
    deduplicate(extract(session)).show()
