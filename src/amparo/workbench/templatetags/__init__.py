"""Parts that templates of every page may show."""
