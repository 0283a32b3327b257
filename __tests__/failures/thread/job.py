import sys
import threading

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
done = []


def load(name, folder):
    done.append(spark.range({"orders": 3}[folder]).count())


threads = [threading.Thread(target=load, args=(n, n), name=n) for n in ("orders", "customers")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if len(done) < len(threads):
    sys.exit("a load failed")
