"""A nats-server and a PostgreSQL from their wheels, for a machine that has neither."""
