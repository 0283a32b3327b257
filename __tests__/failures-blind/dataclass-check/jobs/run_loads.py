"""Runs the configured loads, one after another."""

from dataclasses import dataclass, field

from pyspark.sql import SparkSession

CONFIGURED = [
    {"table": "orders", "mode": "append", "keys": ["order_id"]},
    {"table": "customers", "mode": "merge", "keys": []},
    {"table": "prices", "mode": "overwrite"},
]


class ConfigurationError(ValueError):
    """A load that cannot be run as it is configured."""


@dataclass(frozen=True)
class Load:
    table: str
    mode: str = "append"
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.mode == "merge" and not self.keys:
            raise ConfigurationError(
                f"{self.table}: a merge needs at least one key column, "
                f"got keys={self.keys!r}"
            )


spark = SparkSession.builder.appName("run loads").getOrCreate()
print("Spark", spark.version)

loads = [Load(**entry) for entry in CONFIGURED]
for load in loads:
    print("would load", load.table, "by", load.mode)
