from pyspark.sql import SparkSession


def write(batch, batch_id):
    rows = batch.count()
    if batch_id >= 0:
        raise ValueError(f"batch {batch_id} may not be written")
    print(rows)


spark = SparkSession.builder.getOrCreate()
ticks = spark.readStream.format("rate").load()
query = ticks.writeStream.foreachBatch(write).trigger(once=True).start()
query.awaitTermination()
