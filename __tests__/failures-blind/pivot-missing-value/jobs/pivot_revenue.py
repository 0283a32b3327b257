"""Revenue by shop, one column per quarter, for the controlling report."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

QUARTERS = ["Q1", "Q2", "Q3", "Q4"]

spark = SparkSession.builder.appName("pivot revenue").getOrCreate()


def load() -> DataFrame:
    return spark.createDataFrame(
        [("Bern", "Q1", 120.0), ("Bern", "Q2", 80.5), ("Graz", "Q1", 99.9)],
        ["shop", "quarter", "net_amount"],
    )


def by_quarter(sales: DataFrame) -> DataFrame:
    return (
        sales.groupBy("shop")
        .pivot("quarter", QUARTERS)
        .agg(F.round(F.sum("amount"), 2))
        .na.fill(0.0)
        .orderBy("shop")
    )


sales = load()
print("read", sales.count(), "lines")
by_quarter(sales).show()
