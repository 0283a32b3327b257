"""Refreshes the sales mart, then adds a row to the audit table that all jobs share."""

from datetime import datetime, timezone

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SALES = [("CH", 10.0), ("CH", 12.5), ("DE", 99.0)]


def refresh(spark: SparkSession) -> int:
    sales = spark.createDataFrame(SALES, "country string, amount double")
    mart = sales.groupBy("country").agg(F.sum("amount").alias("revenue"))
    mart.write.mode("overwrite").parquet("Files/gold/sales")
    return mart.count()


def audit(spark: SparkSession, job: str, rows: int) -> None:
    entry = [(job, rows, "SUCCESS", datetime.now(timezone.utc).isoformat())]
    frame = spark.createDataFrame(entry, "job string, rows_written int, outcome string, at string")
    frame.write.format("delta").mode("append").saveAsTable("job_audit")


def main() -> None:
    spark = SparkSession.builder.appName("refresh sales").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    spark.sql("CREATE TABLE IF NOT EXISTS job_audit (job STRING, rows INT, at STRING) USING delta")
    rows = refresh(spark)
    print(f"SUCCESS: sales refreshed, {rows} countries", flush=True)
    audit(spark, "refresh_sales", rows)
    print("audit written")


if __name__ == "__main__":
    main()
