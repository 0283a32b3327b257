from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.sql.ansi.enabled", "true")
parts = spark.createDataFrame([(4,), (2,), (0,)], "part int")
shares = parts.selectExpr("100 / part AS share")
for row in shares.collect():
    print(row["share"])
