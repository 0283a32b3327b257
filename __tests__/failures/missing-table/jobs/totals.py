from pyspark.sql import SparkSession


def totals(spark):
    return spark.sql("SELECT customer, sum(amount) FROM ordres GROUP BY customer")


if __name__ == "__main__":
    totals(SparkSession.builder.getOrCreate()).show()
