"""Plans a backfill: which days of the calendar table have no partition yet."""

from datetime import date, datetime, timedelta

from pyspark.sql import SparkSession

CALENDAR = [("2025-02-27",), ("2025-02-28",), ("2025-02-30",), ("2025-03-01",)]


def business_days(spark: SparkSession) -> list[date]:
    rows = spark.createDataFrame(CALENDAR, "business_date string").orderBy("business_date").collect()
    return [
        datetime.strptime(row["business_date"], "%Y-%m-%d").date()
        for row in rows
        if row["business_date"] is not None
    ]


def windows(days: list[date], length: int) -> list[tuple[date, date]]:
    return [(day, day + timedelta(days=length - 1)) for day in days[::length]]


def main() -> None:
    spark = SparkSession.builder.appName("plan backfill").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    days = business_days(spark)
    for first, last in windows(days, 2):
        print(f"backfill {first} to {last}")


if __name__ == "__main__":
    main()
