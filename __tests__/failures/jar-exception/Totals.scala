package orders

object Totals {
  def parsed(text: String): Int =
    try Integer.parseInt(text)
    catch { case e: NumberFormatException => throw new IllegalStateException("could not read a total", e) }

  def main(args: Array[String]): Unit = {
    val spark = org.apache.spark.sql.SparkSession.builder.getOrCreate()
    println(spark.range(parsed("many")).count())
  }
}
