"""The last time that each device was seen, from its heartbeats."""

from pyspark.sql import SparkSession

HEARTBEATS = [
    {"device": "pump-1", "seen": "2025-03-01T06:00", "voltage": 12.1},
    {"device": "pump-1", "seen": "2025-03-01T07:00", "voltage": 11.8},
    {"device": "pump-2", "seen": "2025-03-01T06:30", "voltage": 12.4},
    {"device": "pump-2", "seen": None, "voltage": 12.3},
]


def main() -> None:
    spark = SparkSession.builder.appName("last seen").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    heartbeats = spark.sparkContext.parallelize(HEARTBEATS, 1)
    print(heartbeats.count(), "heartbeats")

    newest = (
        heartbeats.map(lambda beat: (beat["device"], beat))
        .reduceByKey(
            lambda one, other: (
                one
                if one["seen"] >= other["seen"]
                else other
            )
        )
        .mapValues(lambda beat: beat["seen"])
    )
    for device, seen in newest.sortByKey().collect():
        print(device, "was last seen at", seen)


main()
