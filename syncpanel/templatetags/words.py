"""Template filters: words and numbers."""

from django import template

register = template.Library()
