"""The staff site as a WSGI application, served by granian (``amparo up``)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.web.settings")
application = get_wsgi_application()
