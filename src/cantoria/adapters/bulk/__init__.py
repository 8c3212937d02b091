"""Batches of rows as they are looked up: mapped columns and sorted keys, made from the attachments at any time."""
