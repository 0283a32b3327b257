"""Works out the discount of each customer group and applies it."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import *

GROUPS = {"retail": 0.0, "partner": 0.125, "staff": 0.33333}
FLOOR = 0.01


def discount_table() -> list[tuple[str, float]]:
    table = []
    for group, discount in GROUPS.items():
        factor = 1 - discount
        table.append((group, round(factor + FLOOR, 2)))
    return table


def apply(orders: DataFrame, factors: DataFrame) -> DataFrame:
    joined = orders.join(broadcast(factors), "customer_group")
    return joined.withColumn("net", round(col("gross") * col("factor"), 2))


def main() -> None:
    spark = SparkSession.builder.appName("discounts").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    orders = spark.createDataFrame(
        [(1, "retail", 100.0), (2, "staff", 80.0)], "id int, customer_group string, gross double"
    )
    factors = spark.createDataFrame(discount_table(), "customer_group string, factor double")
    apply(orders, factors).orderBy("id").show()


if __name__ == "__main__":
    main()
