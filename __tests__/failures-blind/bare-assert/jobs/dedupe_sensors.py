"""Removes repeated sensor values and makes sure that no sensor gets lost on the way."""

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

VALUES = [
    ("s1", "2025-03-01 00:00", 20.5),
    ("s1", "2025-03-01 00:01", 20.5),
    ("s1", "2025-03-01 00:02", 20.9),
    ("s2", "2025-03-01 00:00", 3.0),
]


def without_repeats(values: DataFrame) -> DataFrame:
    by_sensor = Window.partitionBy("sensor").orderBy("at")
    previous = F.lag("value").over(by_sensor)
    return values.withColumn("previous", previous).where(F.col("value") != F.col("previous"))


def sensors(values: DataFrame) -> set[str]:
    return {row["sensor"] for row in values.select("sensor").distinct().collect()}


def main() -> None:
    spark = SparkSession.builder.appName("dedupe sensors").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    values = spark.createDataFrame(VALUES, "sensor string, at string, value double")
    kept = without_repeats(values).cache()
    print(f"{values.count()} values, {kept.count()} kept")

    assert sensors(kept) == sensors(values)
    assert kept.count() > 0, "nothing is left"

    kept.drop("previous").write.mode("overwrite").parquet("Files/silver/sensors")


if __name__ == "__main__":
    main()
