"""A simulated HubSpot portal."""
