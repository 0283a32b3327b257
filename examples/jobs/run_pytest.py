"""Runs pytest on the driver, against Spark, and writes its results to the lakehouse as JUnit XML.

Tests, what they test and pytest itself come with py-files. Those arrive as zips, and pytest collects
from folders only, so they are unpacked first. The batch ends with pytest's exit code: a test that
failed fails it also where nobody reads the results.
"""

import argparse
import os
import sys
import tempfile
import zipfile
from pathlib import Path

from pyspark.sql import SparkSession


def unpack_py_files(target: Path) -> None:
    """Puts the zips of py-files that are on the path into folders of their names, and those first."""
    spark_home = os.environ.get("SPARK_HOME", "")
    for entry in list(sys.path):
        name = Path(entry)
        of_spark = spark_home != "" and entry.startswith(spark_home)
        if of_spark or name.suffix != ".zip" or not zipfile.is_zipfile(entry):
            continue
        folder = target / name.stem
        if folder.exists():
            continue
        with zipfile.ZipFile(entry) as archive:
            archive.extractall(folder)
        sys.path.insert(0, str(folder))


def write(spark: SparkSession, path: str, content: bytes) -> None:
    """Writes a file by Spark's own way to the lakehouse: needs no mount, and takes abfss: URIs."""
    target = spark._jvm.org.apache.hadoop.fs.Path(path)
    stream = target.getFileSystem(spark._jsc.hadoopConfiguration()).create(target, True)
    stream.write(bytearray(content))
    stream.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, help="where to write, such as Files/tests/x.xml")
    parser.add_argument("--tests", default="tests", help="the folder of py-files that holds them")
    parser.add_argument("options", nargs="*", help="more options for pytest, after --")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("pytest").getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        unpack_py_files(root)
        import pytest  # may have come with py-files

        report = root / "results.xml"
        os.chdir(root)
        code = pytest.main(
            [
                args.tests,
                f"--junitxml={report}",
                "--override-ini=junit_family=xunit1",  # names the file of each test
                "-p",
                "no:cacheprovider",
                *args.options,
            ]
        )
        if report.exists():
            write(spark, args.results, report.read_bytes())
    return int(code)


if __name__ == "__main__":
    exit_code = main()
    if exit_code != 0:
        sys.exit(exit_code)
