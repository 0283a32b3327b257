from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
numbers = spark.range(3)
numbers.write.parquet("Files/out/exists-{}".format(spark.sparkContext.applicationId))
numbers.selectExpr("id + 1 AS id").write.parquet(
    "Files/out/exists-{}".format(spark.sparkContext.applicationId)
)
