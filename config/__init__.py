"""Facts and settings: what a portal is, and what the operator chose."""
