from itertools import chain

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from .rates import RateTable
from .timing import timed


@timed
def convert_all(orders: DataFrame, table: RateTable) -> DataFrame:
    """Adds amount_chf. Rates are looked up once for each day and currency that occurs."""
    wanted = orders.select("day", "currency").distinct().orderBy("day", "currency").collect()
    found = {f"{row['day']}/{row['currency']}": table.rate(row["day"], row["currency"]) for row in wanted}
    rates = F.create_map(*[F.lit(item) for item in chain(*found.items())])
    key = F.concat_ws("/", "day", "currency")
    return orders.withColumn("amount_chf", F.round(F.col("amount") * rates[key], 2))
