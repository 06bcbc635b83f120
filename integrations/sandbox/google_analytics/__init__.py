"""A simulated Google Analytics: events in, reports and audiences out."""
