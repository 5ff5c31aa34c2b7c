"""The pages of a Case."""
