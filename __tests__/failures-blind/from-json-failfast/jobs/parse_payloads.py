"""Parses the payloads that the web shop's queue delivered."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

PAYLOAD = StructType(
    [
        StructField("order", StringType()),
        StructField("amount", DoubleType()),
    ]
)

spark = SparkSession.builder.appName("parse payloads").getOrCreate()

messages = spark.createDataFrame(
    [
        (1, '{"order": "o-1", "amount": 12.5}'),
        (2, '{"order": "o-2", "amount": 3.0}'),
        (3, '{"order": "o-3", "amou'),
    ],
    "offset int, body string",
).repartition(2)
print("got", messages.count(), "messages")

parsed = messages.select(
    "offset",
    F.from_json("body", PAYLOAD, {"mode": "FAILFAST"}).alias("payload"),
).select("offset", "payload.*")

for row in parsed.orderBy("offset").collect():
    print(row.offset, row.order, row.amount)
