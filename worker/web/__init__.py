"""The HTTP surface: requests in, reports and events out, and how the system is. Imported only where it is served."""
