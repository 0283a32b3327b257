"""Reconciles the payments that the bank reports with those of the ledger, day by day."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


class ReconciliationError(Exception):
    def __init__(self, differences):
        super().__init__(differences)
        self.differences = differences

    def __str__(self):
        lines = [f"ledger and bank differ on {len(self.differences)} days"]
        for day, ledger, bank in self.differences:
            lines.append(f"{day}: ledger {ledger:.2f}, bank {bank:.2f}")
            lines.append(f"    ValueError: off by {bank - ledger:+.2f}")
        lines.append("")
        lines.append("Caused by: a late file of the bank, as a rule. Run this job again after 06:00.")
        return "\n".join(lines)


def totals(payments: DataFrame, name: str) -> DataFrame:
    return payments.groupBy("day").agg(F.sum("amount").alias(name))


def main() -> None:
    spark = SparkSession.builder.appName("reconcile").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    schema = "day string, amount double"
    ledger = spark.createDataFrame([("2025-03-01", 100.0), ("2025-03-02", 80.0), ("2025-03-02", 20.5)], schema)
    bank = spark.createDataFrame([("2025-03-01", 90.0), ("2025-03-02", 80.0)], schema)

    days = totals(ledger, "ledger").join(totals(bank, "bank"), "day", "full").fillna(0.0).orderBy("day")
    differences = [tuple(row) for row in days.collect() if abs(row["ledger"] - row["bank"]) > 0.005]
    print(f"{days.count()} days compared, {len(differences)} differ")
    if differences:
        raise ReconciliationError(differences)


main()
