package orders

object Shares {
  def main(args: Array[String]): Unit = {
    val spark = org.apache.spark.sql.SparkSession.builder.getOrCreate()
    val shares = spark.sparkContext.parallelize(Seq(4, 2, 0), 2).map(part => 100 / part)
    println(shares.sum())
  }
}
