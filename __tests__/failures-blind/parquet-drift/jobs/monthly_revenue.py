"""Revenue by month from the parquet files that the shop writes day by day."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

SCHEMA = StructType(
    [
        StructField("order_id", StringType()),
        StructField("ordered_on", StringType()),
        StructField("amount", DoubleType()),
    ]
)


def write_as_the_shop_does(spark: SparkSession, folder: str) -> None:
    """Until the shop's release of 2 March amounts were numbers; since then they are text."""
    days = [("2025-03-01", 10.5), ("2025-03-02", "12.50")]
    for day, amount in days:
        frame = spark.createDataFrame([("A1", day, amount)], ["order_id", "ordered_on", "amount"])
        frame.coalesce(1).write.mode("overwrite").parquet(f"{folder}/day={day}")


def revenue(orders: DataFrame) -> DataFrame:
    month = F.substring("ordered_on", 1, 7).alias("month")
    return orders.groupBy(month).agg(F.sum("amount").alias("revenue"))


def main() -> None:
    spark = SparkSession.builder.appName("monthly revenue").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    write_as_the_shop_does(spark, "Files/landing/shop")
    orders = spark.read.schema(SCHEMA).parquet("Files/landing/shop")
    totals = revenue(orders)
    totals.show()


if __name__ == "__main__":
    main()
