"""Cleans the raw orders of the default lakehouse and writes them to one of its tables.

Rows without an order id, a readable date or a readable amount are dropped, and so are repeats of
a row; what was dropped, and why, is printed. Everything else is kept as it is: whether the values
make sense is for check_orders.py to say.
"""

import argparse

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

DATE_FORMATS = ["yyyy-MM-dd", "yyyy/MM/dd", "dd.MM.yyyy"]


def parse_date(text: Column) -> Column:
    return F.coalesce(*[F.to_date(text, date_format) for date_format in DATE_FORMATS])


def parse_amount(text: Column) -> Column:
    """Takes 1,234.50 as well as 1234.5; null if it is no number."""
    return F.regexp_replace(text, ",", "").cast("decimal(12,2)")


def parse(raw: DataFrame) -> DataFrame:
    """Trims every column, gives it its type, and says in `problem` why a row cannot be kept."""
    trimmed = raw.select([F.trim(F.col(name)).alias(name) for name in raw.columns])
    typed = trimmed.select(
        F.col("order_id").cast("int").alias("order_id"),
        F.col("customer"),
        F.upper("country").alias("country"),
        parse_date(F.col("order_date")).alias("order_date"),
        parse_amount(F.col("amount")).alias("amount"),
        F.upper("currency").alias("currency"),
    )
    return typed.withColumn(
        "problem",
        F.when(F.col("order_id").isNull(), "no order id")
        .when(F.col("order_date").isNull(), "unreadable date")
        .when(F.col("amount").isNull(), "unreadable amount"),
    )


def add_sample(orders: DataFrame, seed: int) -> DataFrame:
    """A column from 0 to 96 by which a tenth of the orders, say, can be drawn the same way again."""
    sample = (F.col("order_id").cast("long") * F.lit(seed)) % F.lit(97)
    return orders.withColumn("sample", sample.cast("int")).withColumn("seed", F.lit(seed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default="Files/raw/orders.csv")
    parser.add_argument("--table", default="orders")
    parser.add_argument("--seed", type=int, default=1, help="draws other samples; up to 9 digits")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("clean orders").getOrCreate()
    # A date that fits no format is null, also where Spark 2 would have guessed.
    spark.conf.set("spark.sql.legacy.timeParserPolicy", "CORRECTED")

    raw = spark.read.csv(args.input, header=True)
    parsed = parse(raw).cache()
    rows_read = parsed.count()

    dropped = {
        row["problem"]: row["count"]
        for row in parsed.where("problem IS NOT NULL").groupBy("problem").count().collect()
    }
    readable = parsed.where("problem IS NULL").drop("problem")
    clean = add_sample(readable.dropDuplicates(), args.seed).cache()
    written = clean.count()
    dropped["repeats another row"] = rows_read - sum(dropped.values()) - written

    clean.orderBy("order_id").write.mode("overwrite").saveAsTable(args.table)

    print(f"Read {rows_read} rows from {args.input}")
    for reason, count in sorted(dropped.items()):
        if count > 0:
            print(f"  dropped {count}: {reason}")
    print(f"Wrote {written} rows to the table {args.table} (seed {args.seed})")
    totals = clean.groupBy("country", "currency").agg(
        F.count("*").alias("orders"), F.sum("amount").alias("total")
    )
    for row in totals.orderBy("country", "currency").collect():
        print(f"  {row['country']}: {row['orders']} orders, {row['total']} {row['currency']}")


if __name__ == "__main__":
    main()
