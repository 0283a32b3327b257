from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def main(:
    spark.range(3).show()


main()
