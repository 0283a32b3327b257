package orders

object Totals {
  def main(args: Array[String]): Unit = println("never called")
}
