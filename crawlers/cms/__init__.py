"""One module for each CMS family: pure functions that know its containers and its traps."""
