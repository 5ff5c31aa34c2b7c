"""Engines: ``inline`` for tests and tiny jobs, ``pool`` for one machine."""
