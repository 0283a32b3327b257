"""Takes in the order files that have arrived since the last run, by a stream that ends by itself."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

SCHEMA = "order_id int, customer string, amount double"
SOURCE = "Files/landing/orders"
CHECKPOINT = "Files/checkpoints/orders"


def ids_twice(batch: DataFrame) -> list[int]:
    counts = batch.groupBy("order_id").count().where(F.col("count") > 1)
    return sorted(row["order_id"] for row in counts.collect())


def take_in(batch: DataFrame, number: int) -> None:
    twice = ids_twice(batch)
    if twice:
        raise ValueError(f"batch {number} has order ids more than once: {twice}")
    batch.write.mode("append").parquet("Files/bronze/orders")
    print(f"batch {number} is taken in", flush=True)


def main() -> None:
    spark = SparkSession.builder.appName("stream orders").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    query = (
        spark.readStream.schema(SCHEMA)
        .json(SOURCE)
        .writeStream.foreachBatch(take_in)
        .option("checkpointLocation", CHECKPOINT)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()


if __name__ == "__main__":
    main()
