"""Parses the meter readings, which come as pipe-separated records without a header."""

from typing import Iterable, Iterator, NamedTuple

from pyspark.sql import SparkSession


class Reading(NamedTuple):
    meter: str
    day: str
    kwh: float


def fields_of(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]


def parse(lines: Iterable[str]) -> Iterator[Reading]:
    """One partition. Lines that start with # are remarks."""
    for line in lines:
        if not line or line.startswith("#"):
            continue
        fields = fields_of(line)
        yield Reading(
            meter=fields[0],
            day=fields[1],
            kwh=float(fields[2]),
        )


def main() -> None:
    spark = SparkSession.builder.appName("meter readings").getOrCreate()
    lines = spark.sparkContext.textFile("Files/landing/readings.txt", 2)
    readings = lines.mapPartitions(parse)
    per_meter = readings.map(lambda reading: (reading.meter, reading.kwh)).reduceByKey(float.__add__)
    for meter, kwh in sorted(per_meter.collect()):
        print(f"{meter}: {kwh:.1f} kWh")


if __name__ == "__main__":
    main()
