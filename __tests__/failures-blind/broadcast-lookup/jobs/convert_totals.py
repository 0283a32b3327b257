"""Converts the totals of all branches to euros by a broadcast table of rates."""

from pyspark.sql import SparkSession

RATES = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17}

TOTALS = [
    ("Wien", "EUR", 1200.0),
    ("Boston", "USD", 830.0),
    ("Basel", "CHF", 410.0),
    ("Leeds", "GBP", 95.0),
]


def main() -> None:
    spark = SparkSession.builder.appName("convert totals").getOrCreate()
    context = spark.sparkContext
    rates = context.broadcast(RATES)

    def to_euros(total: tuple[str, str, float]) -> tuple[str, float]:
        branch, currency, amount = total
        rate = rates.value[currency]
        return branch, round(amount * rate, 2)

    totals = context.parallelize(TOTALS, 2)
    euros = totals.map(to_euros)
    print("sum:", euros.values().sum())
    for branch, amount in euros.collect():
        print(f"{branch:<10}{amount:>10.2f}")


main()
