"""The page of one Item, and looking at its picture."""
