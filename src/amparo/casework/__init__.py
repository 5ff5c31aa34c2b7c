"""Use cases, one file each: the only place that joins ports to implementations."""
