import logging
import sys

from pyspark.sql import SparkSession

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
log = logging.getLogger("orders")


def run():
    spark = SparkSession.builder.getOrCreate()
    spark.range(3).selectExpr("id", "order_id").show()


try:
    run()
except Exception:
    log.exception("the job failed")
    sys.exit(1)
