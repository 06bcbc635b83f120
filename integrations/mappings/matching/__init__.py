"""Pairs the fields of two objects by what they are called and hold, and drafts mapping code from that. Needs no model.

What it proposes is a suggestion: each pair has a confidence and a sentence that says why.
"""

from integrations.mappings.matching.draft import draft_code
from integrations.mappings.matching.explaining import FieldNote, ask_questions, summarise
from integrations.mappings.matching.match import Conversion, Level, Match
from integrations.mappings.matching.matcher import match_fields

__all__ = ["Conversion", "FieldNote", "Level", "Match", "ask_questions", "draft_code", "match_fields", "summarise"]
