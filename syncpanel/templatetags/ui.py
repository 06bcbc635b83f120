"""Template tags: small visual pieces."""

from django import template

register = template.Library()
