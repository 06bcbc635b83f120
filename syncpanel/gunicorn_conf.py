"""How gunicorn serves the panel: one process, eight threads; more of them on a big host by WEB_PROCESSES."""

import gc
import os
import signal
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from integrations.supervisor.lineage import die_with_parent
from integrations.supervisor.memory import keep_what_is_loaded
from syncpanel.networks import read_networks

os.umask(0o077)  # also when it is run without the supervisor
host = os.environ.get("HOST", "127.0.0.1")
bind = f"{f'[{host}]' if ':' in host else host}:{os.environ.get('PORT', '8000')}"
worker_class = "syncpanel.web_worker.PatientWorker"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 5
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 the heartbeat file must not touch a disk
accesslog = None
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = ",".join(
    map(str, read_networks("TRUSTED_PROXIES", os.environ.get("TRUSTED_PROXIES", "").split(",")))
)


def post_fork(server: Any, worker: Any) -> None:
    """A server process never outlives its master."""
    die_with_parent(signal.SIGKILL, worker.ppid)


def post_worker_init(worker: Any) -> None:
    """All pages are loaded before the first is asked for."""
    import_module(settings.ROOT_URLCONF)
    keep_what_is_loaded()


def worker_exit(server: Any, worker: Any) -> None:
    """In the server process, at its end, as in `manage.py`: nothing is gained by looking for garbage now."""
    gc.freeze()


def on_exit(server: Any) -> None:
    """The same in its master."""
    gc.freeze()
