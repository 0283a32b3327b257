"""Adds the region of the customer's country to each order."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.appName("enrich orders").getOrCreate()
spark.sparkContext.setLogLevel("WARN")

regions = spark.createDataFrame([("CH", "EMEA"), ("JP", "APAC")], "country string, region string")
orders = spark.createDataFrame([(1, "CH"), (2, "JP"), (3, "CH")], "order_id int, country string")


@F.udf("string")
def region_of(country):
    found = regions.where(F.col("country") == country).first()
    return found["region"] if found else "unknown"


print(f"{orders.count()} orders, {regions.count()} countries")
region = region_of(F.col("country"))
enriched = orders.withColumn("region", region)
enriched.write.mode("overwrite").parquet("Files/silver/orders_enriched")
