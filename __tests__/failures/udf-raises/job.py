from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

spark = SparkSession.builder.getOrCreate()


@udf("double")
def amount(text):
    return float(text.replace(",", "."))


orders = spark.createDataFrame([("9,5",), ("three",), ("4",)], "amount string")
rows = orders.select(amount("amount").alias("amount")).collect()
print(len(rows))
