"""Portals that no CMS family fits, one module each."""
