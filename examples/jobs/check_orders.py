"""A data test: holds the orders against a few rules and fails if any row breaks one.

It reads the raw CSV as well as the table that clean_orders.py writes (--input orders). What
cleaning takes care of (spaces, date formats, unreadable rows, a row that is there twice) is no
reason to fail.
"""

import argparse

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

KNOWN_CURRENCIES = ["CHF", "EUR", "GBP", "SEK"]
ROWS_SHOWN = 5

# What each rule says, and the condition that a row which breaks it meets.
RULES = {
    "the amount is not negative": "amount < 0",
    f"the currency is one of {', '.join(KNOWN_CURRENCIES)}": "NOT known_currency",
    "there is a customer": "customer IS NULL OR customer = ''",
    "no two orders have the same id": "orders_with_this_id > 1",
}


class BadOrders(Exception):
    """The rules that do not hold, with the rows to mend."""


def read_orders(spark: SparkSession, source: str) -> DataFrame:
    if source.endswith(".csv"):
        raw = spark.read.csv(source, header=True)
        orders = raw.select([F.trim(F.col(name)).alias(name) for name in raw.columns]).distinct()
    else:
        orders = spark.read.table(source)
    same_id = Window.partitionBy("order_id")
    known_currency = F.upper("currency").isin(KNOWN_CURRENCIES)
    return (
        orders.withColumn("order_id", F.col("order_id").cast("int"))
        .withColumn("amount", F.regexp_replace("amount", ",", "").cast("decimal(12,2)"))
        .withColumn("known_currency", F.coalesce(known_currency, F.lit(False)))
        .withColumn("orders_with_this_id", F.count("order_id").over(same_id))
    )


def describe(orders: DataFrame, rule: str, condition: str, count: int) -> str:
    """The rule, how many rows break it, and the first of them."""
    rows = orders.where(condition).orderBy("order_id").limit(ROWS_SHOWN).collect()
    lines = [
        f"    order {row['order_id']}: customer {row['customer']!r}, "
        f"{row['order_date']}, {row['amount']} {row['currency']}"
        for row in rows
    ]
    if count > len(rows):
        lines.append(f"    and {count - len(rows)} more")
    return "\n".join([f"  {rule}: {count} row{'s' if count > 1 else ''} broke this rule", *lines])


def check(orders: DataFrame, source: str) -> int:
    """Returns how many rows were checked; raises BadOrders if any of them breaks a rule."""
    counts = orders.agg(
        F.count("*").alias("rows"),
        *[F.count_if(F.expr(condition)).alias(rule) for rule, condition in RULES.items()],
    ).first()
    broken = [
        describe(orders, rule, condition, counts[rule])
        for rule, condition in RULES.items()
        if counts[rule] > 0
    ]
    if broken:
        raise BadOrders(
            f"{len(broken)} of {len(RULES)} rules do not hold on {source}:\n"
            + "\n".join(broken)
            + f"\nMend or remove these rows in {source}, then run this check again."
        )
    return counts["rows"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default="Files/raw/orders.csv", help="a CSV or a table")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("check orders").getOrCreate()
    orders = read_orders(spark, args.input)
    rows = check(orders, args.input)
    print(f"{len(RULES)} rules hold on {rows} rows of {args.input}")


if __name__ == "__main__":
    main()
