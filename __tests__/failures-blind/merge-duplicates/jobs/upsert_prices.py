"""Upserts the day's prices into the price table."""

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

SCHEMA = "sku string, price double"


def upsert(target: DeltaTable, changes: DataFrame) -> None:
    merge = (
        target.alias("t")
        .merge(changes.alias("s"), "t.sku = s.sku")
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
    )
    merge.execute()


def main() -> None:
    spark = SparkSession.builder.appName("upsert prices").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    prices = spark.createDataFrame([("A-1", 10.0), ("A-2", 20.0)], SCHEMA)
    prices.write.mode("overwrite").saveAsTable("prices")

    changes = spark.createDataFrame([("A-1", 11.0), ("A-3", 30.0), ("A-1", 11.5)], SCHEMA)
    print(f"{changes.count()} changes")
    upsert(DeltaTable.forName(spark, "prices"), changes)
    spark.table("prices").orderBy("sku").show()


if __name__ == "__main__":
    main()
