"""Google Analytics 4: events out, reports and audiences in."""

from integrations.adapters.google_analytics.adapter import GoogleAnalyticsAdapter

ADAPTER = GoogleAnalyticsAdapter
