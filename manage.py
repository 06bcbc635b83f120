#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.umask(0o077)  # what a command writes, the database above all, is its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncpanel.settings")
    execute_from_command_line(sys.argv)
