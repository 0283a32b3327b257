"""Decodes the frames of the gateways with the vendor's native routine."""

import ctypes

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType

FRAMES = [("gw-1", bytearray(b"\x01\x02")), ("gw-2", bytearray(b"")), ("gw-3", bytearray(b"\x07"))]


def address_of(frame: bytearray) -> int:
    """Where the frame begins in memory; the vendor's decoder wants a pointer. 0 if it is empty."""
    return id(frame) if frame else 0


@F.udf(IntegerType())
def decode(frame):
    header = ctypes.string_at(address_of(frame))
    return header[0]


def main() -> None:
    spark = SparkSession.builder.appName("decode frames").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    frames = spark.createDataFrame(FRAMES, "gateway string, frame binary")
    decoded = frames.withColumn("kind", decode("frame"))
    print(f"{frames.count()} frames to decode", flush=True)
    kinds = {row["gateway"]: row["kind"] for row in decoded.collect()}
    print(kinds)


if __name__ == "__main__":
    main()
