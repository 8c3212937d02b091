"""What a society works with: files, jobs, matches, conflict cases, members, and the audit log."""
