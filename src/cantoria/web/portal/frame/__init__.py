"""The frame: the start page, the search box, help, and what a form greets with."""
