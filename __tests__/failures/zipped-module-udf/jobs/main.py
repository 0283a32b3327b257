from orders.deep.rules import checked
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

spark = SparkSession.builder.getOrCreate()
amounts = spark.createDataFrame([(5,), (-3,)], "amount int")
amounts.select(udf(checked, "int")("amount")).show()
