"""How list pages are read: from structure alone (`plain`), and the data calls of single families."""
