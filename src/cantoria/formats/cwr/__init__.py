"""CWR, the Common Works Registration of CISAC: 2.1, 2.2, 3.0 and 3.1 (docs/reference/cwr.md).

`layout` and `records` say what a file is made of. Packages below give what CWR means; this one knows its form only.
"""
