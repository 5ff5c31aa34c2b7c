"""Log-in, second factors, and the welcome of who was invited."""
