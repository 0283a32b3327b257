"""Imports the budget, which controlling keeps in a spreadsheet, by way of pandas."""

import pandas as pd
from pyspark.sql import SparkSession

COST_CENTRES = {"4100": "Logistics", "4200": "Marketing", "4300": "IT"}


def read_sheet() -> pd.DataFrame:
    """What read_excel gives of the sheet: a column is of type object if one cell is text."""
    return pd.DataFrame(
        {
            "cost_centre": ["4100", "4200", "4300"],
            "month": pd.to_datetime(["2025-03-01", "2025-03-01", "2025-03-01"]),
            "budget": [120000.0, 45500.5, "tbd"],
        }
    )


def main() -> None:
    spark = (
        SparkSession.builder.appName("import budget")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.sql.execution.arrow.pyspark.fallback.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("WARN")

    sheet = read_sheet()
    sheet["name"] = sheet["cost_centre"].map(COST_CENTRES)
    print(f"{len(sheet)} lines of budget")

    budget = spark.createDataFrame(sheet)
    budget.write.mode("overwrite").parquet("Files/finance/budget")
    print("imported")


if __name__ == "__main__":
    main()
