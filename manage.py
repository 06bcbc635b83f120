#!/usr/bin/env python
"""Django's command line."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.umask(0o077)  # what a command writes, the database above all, is its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncpanel.settings")
    try:
        execute_from_command_line(sys.argv)
    finally:
        gc.freeze()  # all of it goes with the process; to look through it for garbage first takes a quarter of a second
