from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def check(name, good):
    if not good:
        raise ValueError(f"the check {name} failed")


problems = []
for name, good in {"keys": spark.range(3).count() == 4, "dates": False, "rows": True}.items():
    try:
        check(name, good)
    except ValueError as problem:
        problems.append(problem)
if problems:
    raise ExceptionGroup(f"{len(problems)} checks failed", problems)
