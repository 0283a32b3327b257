/** Jobs that print `found name=<JSON>`, one a line, of what they find. */

const start = `
import json, sys
from pyspark.sql import SparkSession

def show(name, value):
    print("found " + name + "=" + json.dumps(value, default=str), flush=True)

def attempt(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__

spark = SparkSession.builder.getOrCreate()
`;

/** Writes tables in every way that a job has. */
export const writer = `${start}
rows = spark.createDataFrame([(1, "a"), (2, "b"), (3, "c")], "id int, word string")
# A new name, with every mode; 'overwrite' of a name that is not there yet is what Delta 3.2.1 fails at.
rows.write.mode("overwrite").saveAsTable("orders")
rows.write.mode("overwrite").saveAsTable("Orders")
rows.limit(1).write.mode("append").saveAsTable("orders")
show("again", attempt(lambda: rows.write.saveAsTable("orders")))
spark.sql("create table big_orders as select * from orders where id > 1")
spark.sql("create or replace table big_orders as select * from orders where id > 2")
spark.sql("create table days (id int, day date) partitioned by (day)")
spark.sql("insert into days values (1, date'2025-01-31'), (2, date'2025-02-01')")
rows.write.save("Tables/ByPath")
rows.write.format("delta").save(sys.argv[1] + "/Tables/by_uri")
rows.write.saveAsTable("second.things")

from delta.tables import DeltaTable
changes = spark.createDataFrame([(1, "z"), (9, "new")], "id int, word string")
(DeltaTable.forName(spark, "bypath").alias("old").merge(changes.alias("new"), "old.id = new.id")
    .whenMatchedUpdateAll().whenNotMatchedInsertAll().execute())

rows.coalesce(1).write.csv("Files/words")
show("counts", {name: spark.table(name).count()
    for name in ["orders", "big_orders", "days", "bypath", "by_uri", "second.things", "orders.orders"]})
# What another process drops is gone here too, known from this batch or not.
def remove(name):
    path = spark._jvm.org.apache.hadoop.fs.Path("Tables/" + name)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
rows.write.saveAsTable("brief")
remove("brief")
show("gone", [spark.catalog.tableExists("brief"), attempt(lambda: rows.write.saveAsTable("brief"))])
remove("brief")
show("sum", spark.sql("select sum(id) from orders").first()[0])
show("csv", spark.read.csv("Files/words").count())
show("names", [row.tableName for row in spark.sql("show tables").collect()])
show("databases", [row.namespace for row in spark.sql("show databases").collect()])
show("absent", [spark.catalog.tableExists("nothing"), attempt(lambda: spark.table("nothing"))])
show("conf", [spark.conf.get(key) for key in
    ["spark.sql.sources.default", "spark.my.key", "spark.sql.shuffle.partitions"]])
`;

/** Another process, later: finds by name what was written, changes and drops. */
export const reader = `${start}
from delta.tables import DeltaTable
show("forName", DeltaTable.forName(spark, "bypath").toDF().count())
show("words", sorted(row.word for row in spark.read.table("bypath").collect()))
show("versions", spark.sql("select count(*) from orders version as of 0").first()[0])
spark.sql("delete from days where id = 1")
show("names", sorted(table.name for table in spark.catalog.listTables()))
spark.sql("drop table big_orders")
spark.createDataFrame([(0,)], "id int").write.saveAsTable("race")
show("dropped", [spark.catalog.tableExists("big_orders"), attempt(lambda: spark.table("big_orders"))])

# What OneLake does and a local disk does not: a rename onto a file that is there is refused.
jvm = spark._jvm
path = lambda name: jvm.org.apache.hadoop.fs.Path("Files/rename/" + name)
files = path("x").getFileSystem(spark._jsc.hadoopConfiguration())
def write(name, text):
    stream = files.create(path(name), True)
    stream.write(bytearray(text, "utf-8"))
    stream.close()
def read(name):
    return spark.read.text("Files/rename/" + name).first()[0]
write("one", "one")
write("two", "two")
show("rename", [files.rename(path("one"), path("target")), files.rename(path("two"), path("target"))])
show("target", [read("target"), files.exists(path("one")), read("two")])
`;

/** Appends to a table, one row a commit, as fast as it can. */
export const appender = `${start}
first, commits = int(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + commits):
    spark.createDataFrame([(number,)], "id int").coalesce(1).write.mode("append").saveAsTable("race")
show("seen", spark.table("race").count() >= commits)
`;
