"""A report as people and other tools read it: terminal, HTML, JSON, Gradescope."""
