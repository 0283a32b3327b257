from orders import rules
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
amounts = spark.createDataFrame([(5,), (-3,)], "amount int").collect()
print(sum(rules.checked(row["amount"]) for row in amounts))
