"""Ingests what the configuration lists: one table a source."""

import json

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def load_config(name: str) -> dict:
    """The configuration, with the defaults of the team below what it says."""
    with open(SparkFiles.get(name), encoding="utf-8") as file:
        config = json.load(file)
    return {"mode": "append", "format": "csv", **config}


def ingest(spark: SparkSession, config: dict) -> None:
    for source in config["sources"]:
        frame = spark.read.format(config["format"]).option("header", True).load(source["path"])
        frame.write.mode(config["mode"]).saveAsTable(source["table"])
        print(f"{source['path']} -> {source['table']}")


def main() -> None:
    spark = SparkSession.builder.appName("ingest").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    config = load_config("ingest.config")
    ingest(spark, config)


if __name__ == "__main__":
    main()
