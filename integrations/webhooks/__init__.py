"""Incoming events: stored before anything else happens, read by workers, turned into small jobs."""
