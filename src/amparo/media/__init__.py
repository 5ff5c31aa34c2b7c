"""Pictures and video: what they are, whether they decode, and whether a Bank knows them."""
