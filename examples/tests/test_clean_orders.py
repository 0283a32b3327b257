"""Tests of clean_orders.py that need Spark: they run on the driver of a batch (run_pytest.py)."""

from decimal import Decimal

import pytest
from clean_orders import add_sample, parse
from pyspark.sql import functions as F

ORDER = {
    "order_id": "7",
    "customer": "Ada",
    "country": "de",
    "order_date": "2026-01-31",
    "amount": "12.50",
    "currency": "eur",
}


def raw(spark, **changes):
    """One raw order as the CSV has it, with changes."""
    row = {**ORDER, **changes}
    return spark.range(0, 1, 1, 1).select([F.lit(text).alias(name) for name, text in row.items()])


@pytest.mark.parametrize("text", ["2026-01-31", "2026/01/31", "31.01.2026"])
def test_dates_are_read_in_every_format(spark, text):
    order = parse(raw(spark, order_date=text)).first()
    assert str(order["order_date"]) == "2026-01-31"


def test_amounts_may_have_thousands_separators(spark):
    order = parse(raw(spark, amount="1,234.5")).first()
    assert order["amount"] == Decimal("1234.50")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"order_id": "x"}, "no order id"),
        ({"order_date": "soon"}, "unreadable date"),
        ({"amount": "much"}, "unreadable amount"),
    ],
)
def test_what_cannot_be_read_says_why(spark, changes, problem):
    assert parse(raw(spark, **changes)).first()["problem"] == problem


def test_samples_are_the_same_again(spark):
    orders = spark.range(100).withColumn("order_id", F.col("id").cast("int"))
    drawn = [
        [row["sample"] for row in add_sample(orders, seed=3).orderBy("id").collect()]
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert all(0 <= sample <= 96 for sample in drawn[0])
