from pyspark.sql import DataFrame

from .expectations import build


def run_suite(frame: DataFrame) -> bool:
    return build("orders").validate(frame).success
