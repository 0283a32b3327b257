from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

REGIONS = {"CH": "Alps", "FR": "West"}


def region_of(country):
    return REGIONS[country]


def label(country):
    return f"{country} ({region_of(country)})"


spark = SparkSession.builder.getOrCreate()
label_udf = F.udf(label, StringType())
countries = spark.createDataFrame([("CH",), ("FR",), ("SE",)], "country string")
countries.withColumn("label", label_udf("country")).write.mode("overwrite").parquet("Files/out/labels")
