"""Every order names its customer."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.createDataFrame(
    [(1, "Ada"), (2, None), (3, "Grace"), (4, None)], "order_id int, customer string"
)
bad = orders.where("customer IS NULL").orderBy("order_id").collect()
shown = "\n".join(f"  order {row['order_id']}: customer {row['customer']!r}" for row in bad)
assert not bad, f"{len(bad)} orders have no customer:\n{shown}"
print("all orders have a customer")
