"""Deletes landing folders that have been taken in, through Hadoop's file system."""

from pyspark.sql import SparkSession

LANDING = "Files/landing"
KEEP = {"orders", "customers"}


class LandingZone:
    def __init__(self, spark: SparkSession, root: str):
        self._jvm = spark.sparkContext._jvm
        self._root = root
        configuration = spark.sparkContext._jsc.hadoopConfiguration()
        self._files = self._jvm.org.apache.hadoop.fs.FileSystem.get(configuration)

    def folders(self) -> list[str]:
        found = self._files.listStatus(self._root)
        return [status.getPath().getName() for status in found if status.isDirectory()]

    def delete(self, name: str) -> None:
        path = self._jvm.org.apache.hadoop.fs.Path(f"{self._root}/{name}")
        self._files.delete(path, True)


def main() -> None:
    spark = SparkSession.builder.appName("tidy landing").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    zone = LandingZone(spark, LANDING)
    for name in zone.folders():
        if name not in KEEP:
            zone.delete(name)
            print(f"deleted {LANDING}/{name}")


if __name__ == "__main__":
    main()
