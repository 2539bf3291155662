"""A deterministic stand-in for the portals, served on loopback, that knows what a right crawl of it ends with."""
