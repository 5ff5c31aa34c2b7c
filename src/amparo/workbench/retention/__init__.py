"""How long a Case is kept, legal holds, and erasure that two people decide."""
