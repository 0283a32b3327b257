"""Publishes the data marts to the target of an environment."""

import argparse
import json
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession


class ConfigError(Exception):
    """Something in the configuration is wrong; the message says what to change."""


class Targets:
    def __init__(self, path: Path):
        self._path = path
        self._targets = json.loads(path.read_text(encoding="utf-8"))["targets"]

    def __getitem__(self, environment: str) -> dict:
        try:
            return self._targets[environment]
        except KeyError:
            known = ", ".join(sorted(self._targets))
            raise ConfigError(
                f"no target '{environment}' in {self._path.name} (there are: {known})"
            ) from None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--environment", required=True)
    args = parser.parse_args()

    spark = SparkSession.builder.appName("publish marts").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    target = Targets(Path(SparkFiles.get("targets.json")))[args.environment]
    for mart in target["marts"]:
        spark.read.table(mart).write.mode("overwrite").parquet(f"{target['folder']}/{mart}")


if __name__ == "__main__":
    main()
