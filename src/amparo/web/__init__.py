"""Django's settings; URL roots come with the first site. No logic."""
