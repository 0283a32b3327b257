"""Pulls the support tickets of the last week into the lakehouse."""

from pyspark.sql import SparkSession
from settings import Settings


def pages(settings: Settings):
    """Made up here: what the ticket system answers, page by page."""
    for page in range(settings.pages):
        yield [(page * 10 + number, settings.host, "open") for number in range(10)]


def main() -> None:
    settings = Settings.from_environment()
    spark = SparkSession.builder.appName("pull tickets").getOrCreate()
    for number, tickets in enumerate(pages(settings)):
        frame = spark.createDataFrame(tickets, "id int, host string, state string")
        frame.write.mode("append").parquet("Files/bronze/tickets")
        print(f"page {number}: {len(tickets)} tickets")


if __name__ == "__main__":
    main()
