"""Paths are plural nouns, the action last; names are noun-verb."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
