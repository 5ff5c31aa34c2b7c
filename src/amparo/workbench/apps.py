"""Django app."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Workbench."""

    name = "amparo.workbench"
    label = "workbench"
