"""Profiles the orders and holds them against the team's suite of expectations."""

from pyspark.sql import SparkSession

try:
    from quality.suite import run_suite
except ImportError as error:
    print(f"the suite cannot be imported ({error}); is the environment attached?", flush=True)
    raise


def main() -> None:
    spark = SparkSession.builder.appName("profile orders").getOrCreate()
    orders = spark.read.csv("Files/raw/orders.csv", header=True)
    result = run_suite(orders)
    print("passed" if result else "failed")


if __name__ == "__main__":
    main()
