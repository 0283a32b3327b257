from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
orders = spark.createDataFrame([(1, 9.5), (2, 3.0)], "order_id int, amount double")
total = (
    orders.where("order_id > 0")
    .withColumn("day", F.current_date())
    .groupBy("day")
)
sums = total.agg(F.sum("amonut"))
sums.show()
