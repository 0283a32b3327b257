"""Revenue by country, for the countries and the period that the caller asks for."""

import sys

from pyspark.sql import SparkSession


def where_clause(conditions: list[str]) -> str:
    return "WHERE " + "\n  ".join(conditions) if conditions else ""


def build_query(countries: list[str], since: str) -> str:
    quoted = ", ".join(f"'{country}'" for country in countries)
    conditions = [f"order_date >= '{since}'", f"country IN ({quoted})"]
    return "\n".join(
        [
            "SELECT",
            "  country,",
            "  sum(amount) AS revenue",
            "FROM orders",
            where_clause(conditions),
            "GROUP BY country",
            "ORDER BY revenue DESC",
        ]
    )


spark = SparkSession.builder.appName("country report").getOrCreate()
spark.sparkContext.setLogLevel("WARN")
spark.createDataFrame(
    [(1, "CH", "2025-03-01", 10.0), (2, "DE", "2025-03-02", 12.5)],
    "order_id int, country string, order_date string, amount double",
).createOrReplaceTempView("orders")

since, *countries = sys.argv[1:]
query = build_query(countries, since)
print("running:", query, sep="\n")
report = spark.sql(query)
report.show()
