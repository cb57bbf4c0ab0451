"""A made-up county: people, lists, bills, hospitals that call."""
