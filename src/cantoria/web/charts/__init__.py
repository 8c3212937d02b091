"""Charts as SVG texts: pure functions of plain values, with a title, a description, and classes for their colours."""
