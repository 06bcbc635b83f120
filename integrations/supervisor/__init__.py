"""Runs web, workers, beat and sandbox as one: starts them, restarts what dies or hangs, leaves no orphan."""
