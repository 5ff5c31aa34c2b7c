"""Validation that a laboratory can file: numbered assertions, run here and now, with what was expected and observed."""
