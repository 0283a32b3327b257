import logging
import sys
import traceback

from pyspark.sql import SparkSession

logging.basicConfig(format="%(asctime)s ERROR %(name)s - %(message)s", level=logging.INFO)
log = logging.getLogger("orders")


def ratio(left, right):
    return left / right


spark = SparkSession.builder.getOrCreate()
try:
    ratio(spark.range(3).count(), spark.range(0).count())
except Exception:
    for line in traceback.format_exc().splitlines():
        log.error(line)
    sys.exit(1)
