"""Rows of the nouns, counters and the stores that other packages ask for by port."""
