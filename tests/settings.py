"""The product's own settings, in a data directory of the tests' own: what a person keeps in this folder is left alone."""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:  # processes that tests start share it
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="syncpanel-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from syncpanel.settings import *  # noqa: F403 read only now
