"""A simulated consensus engine around real replicas: many members, one thread, virtual time, every fault by a seed."""
