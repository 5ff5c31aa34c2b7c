"""The API: what programs may ask for in a person's name. Same roles, same checks on objects, no imagery."""
