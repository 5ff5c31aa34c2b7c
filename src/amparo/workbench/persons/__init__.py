"""The people a Case is about, and what is said of them."""
