"""Where staff judge material."""
