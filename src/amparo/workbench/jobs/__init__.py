"""Jobs: scans and other long work, started and watched in the browser."""
