"""HTML pages: self-contained, without network access, and with every text escaped in one place (`document.py`)."""
