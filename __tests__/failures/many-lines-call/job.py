from pyspark.sql import SparkSession


def totals(spark, *, table, column, where):
    raise NotImplementedError(f"{table}.{column} where {where}")


totals(
    SparkSession.builder.getOrCreate(),
    table="orders",
    column="amount",
    where="day = '2025-06-01'",
)
