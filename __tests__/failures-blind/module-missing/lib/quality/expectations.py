"""The team's expectations, by the name of the table."""

import functools

import great_expectations as gx

SUITES = {"orders": ["order_id", "amount"]}


@functools.cache
def build(name: str):
    suite = gx.ExpectationSuite(name=name)
    for column in SUITES[name]:
        suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column=column))
    return suite
