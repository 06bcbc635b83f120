"""When a sync starts by the clock: its slots, what is wrong with a timetable, and one in words. Pure."""

from integrations.timetables.problems import find_problem
from integrations.timetables.slots import Timetable, next_slot, next_slots, zones
from integrations.timetables.words import explain

__all__ = ["Timetable", "explain", "find_problem", "next_slot", "next_slots", "zones"]
