"""Pages in, values out: everything here is pure."""
