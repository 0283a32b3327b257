"""Joins orders and customers; every stage is entered in the run log, failed or not."""

import time
import traceback

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


class Stage:
    """Times a stage and prints what went wrong in it; the error goes on."""

    def __init__(self, name: str):
        self.name = name

    def __enter__(self):
        self.begun = time.time()
        print(f"[{self.name}] begins", flush=True)
        return self

    def __exit__(self, kind, error, trace):
        outcome = "failed" if error else "done"
        print(f"[{self.name}] {outcome} after {time.time() - self.begun:.0f} s", flush=True)
        if error:
            print(f"[{self.name}] {kind.__name__}", traceback.format_exc(limit=1), flush=True)
        return False


def join(orders: DataFrame, customers: DataFrame) -> DataFrame:
    both = orders.join(customers, orders["customer_id"] == customers["customer_id"], "left")
    return both.groupBy("country").agg(F.countDistinct("customer_id").alias("customers"))


def main() -> None:
    spark = SparkSession.builder.appName("join orders").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    with Stage("read"):
        orders = spark.createDataFrame([(1, 17), (2, 21)], "order_id int, customer_id int")
        customers = spark.createDataFrame([(17, "CH")], "customer_id int, country string")
    with Stage("join"):
        joined = join(orders, customers)
    with Stage("write"):
        joined.write.mode("overwrite").parquet("Files/gold/customers_by_country")


if __name__ == "__main__":
    main()
