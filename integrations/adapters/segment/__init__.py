"""Segment: people, events and companies out, people and events in by webhook."""

from integrations.adapters.segment.adapter import SegmentAdapter

ADAPTER = SegmentAdapter
