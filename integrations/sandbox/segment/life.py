"""What people do on the simulated website by themselves: they say who they are, and what they are by now."""

from integrations.sandbox.life import Habit
from integrations.sandbox.names import JOB_TITLES
from integrations.sandbox.segment.visitors import user_id

HABITS = (Habit("users", 20, user_id, lambda dice: {"title": dice.choice(JOB_TITLES)}),)
