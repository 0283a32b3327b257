import runpy
import tempfile
from pathlib import Path

import rules
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rules.check(spark.range(3).count())
made = Path(tempfile.mkdtemp()) / "rules.py"
made.write_text("LIMIT = 1\n\nif LIMIT < 2:\n    raise ValueError('made up on the way')\n")
runpy.run_path(str(made))
