"""Data tests of the orders, written as unit tests so that they also run on a laptop."""

import sys
import unittest

from pyspark.sql import SparkSession

ROWS = [(1, "CH", 10.0), (2, "DE", -3.0), (3, "DE", 7.5), (4, "FR", -0.5)]


class OrdersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = SparkSession.builder.appName("orders data test").getOrCreate()
        cls.spark.sparkContext.setLogLevel("ERROR")
        cls.orders = cls.spark.createDataFrame(ROWS, "id int, country string, amount double")

    def broken(self, condition):
        return self.orders.where(condition).count()

    def test_there_are_orders(self):
        self.assertGreater(self.orders.count(), 0)

    def test_ids_are_unique(self):
        self.assertEqual(self.orders.select("id").distinct().count(), len(ROWS))

    def test_no_amount_is_negative(self):
        self.assertEqual(self.broken("amount < 0"), 0, "orders with a negative amount")

    def test_countries_are_known(self):
        self.assertEqual(self.broken("country NOT IN ('CH', 'DE', 'FR')"), 0)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(OrdersTest)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)
