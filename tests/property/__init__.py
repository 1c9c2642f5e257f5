"""Generated sequences of deliveries: incremental warehouse = full refresh = pandas oracle."""
