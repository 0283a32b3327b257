"""Loads the master data tables side by side: each is small, and Spark would be idle with one."""

from concurrent.futures import ThreadPoolExecutor, as_completed

from pyspark.sql import SparkSession

TABLES = {
    "countries": ("code string, name string", [("CH", "Switzerland"), ("SE", "Sweden")]),
    "currencies": ("code string, digits int", [("CHF", 2), ("JPY", 0)]),
    "customers": ("id int, name string", [(1, "Anna"), (None, "Beat"), (None, "Carla")]),
}


class Loader:
    def __init__(self, spark: SparkSession):
        self.spark = spark

    def load(self, table: str) -> int:
        schema, rows = TABLES[table]
        frame = self.spark.createDataFrame(rows, schema)
        key = frame.columns[0]
        without_key = frame.where(f"{key} IS NULL").count()
        if without_key:
            raise ValueError(f"{table}: {without_key} of {len(rows)} rows have no {key}")
        frame.write.mode("overwrite").parquet(f"Files/master/{table}")
        return len(rows)


def main() -> None:
    spark = SparkSession.builder.appName("master data").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    loader = Loader(spark)
    with ThreadPoolExecutor(max_workers=3) as pool:
        futures = {pool.submit(loader.load, table): table for table in TABLES}
        for future in as_completed(futures):
            print(f"{futures[future]}: {future.result()} rows", flush=True)
    print("all tables are loaded")


if __name__ == "__main__":
    main()
