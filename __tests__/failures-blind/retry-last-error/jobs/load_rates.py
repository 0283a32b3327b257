"""Loads the day's exchange rates: from the service, from its replica, else from last night's file."""

import json
import logging
import time
from urllib.request import urlopen

from pyspark.sql import SparkSession

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
log = logging.getLogger(__name__)

SOURCES = [
    "http://127.0.0.1:9/v1/rates/2025-03-03",
    "http://127.0.0.1:9/replica/rates/2025-03-03",
    "/lakehouse/default/Files/rates/2025-03-03.json",
]


def fetch(source: str) -> dict:
    if source.startswith("http"):
        with urlopen(source, timeout=5) as answer:
            return json.load(answer)
    with open(source, encoding="utf-8") as snapshot:
        return json.load(snapshot)


def with_retry(function, choices, pause=0.1):
    last = None
    for attempt, choice in enumerate(choices, start=1):
        try:
            return function(choice)
        except Exception as error:
            log.warning("attempt %d of %d failed: %s", attempt, len(choices), error, exc_info=True)
            last = error
            time.sleep(pause)
    raise last


def main() -> None:
    rates = with_retry(fetch, SOURCES)
    spark = SparkSession.builder.appName("load rates").getOrCreate()
    rows = [(currency, float(rate)) for currency, rate in rates["rates"].items()]
    spark.createDataFrame(rows, "currency string, rate double").write.parquet("Files/bronze/rates")


if __name__ == "__main__":
    main()
