"""Cleans the customers' phone numbers for the call centre's export."""

from cleaning import clean_phone
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

CUSTOMERS = [
    (1, "Anna", " 0041 44 123 45 67", "CH"),
    (2, "Björn", "+46 (0)8 123 456", "SE"),
    (3, "Carla", None, "IT"),
    (4, "Dai", "030-1234567", "DE"),
]

phone_udf = F.udf(clean_phone, StringType())


def main() -> None:
    spark = SparkSession.builder.appName("clean customers").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    customers = spark.createDataFrame(CUSTOMERS, "id int, name string, phone string, country string")
    cleaned = customers.withColumn("phone", phone_udf("phone", "country"))
    print(f"{customers.count()} customers to export")
    for row in cleaned.orderBy("id").collect():
        print(row["id"], row["phone"])


main()
