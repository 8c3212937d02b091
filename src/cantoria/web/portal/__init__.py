"""The portal: every page and every form, each with a JSON twin. One folder an area, one template a page.

A page is a function from `Ask` to a value; its template is one face of that value, the `.json` twin the other.
"""
