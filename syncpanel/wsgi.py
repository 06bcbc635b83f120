"""What gunicorn serves: calls from platforms, and the panel."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncpanel.settings")
_pages = get_wsgi_application()

from syncpanel.hooks import Front  # noqa: E402 needs Django set up

application = Front(_pages)
