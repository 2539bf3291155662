"""Moves values: fetches, stores, publishes; imports crawlers and config."""
