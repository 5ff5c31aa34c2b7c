"""Django app."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Workbench."""

    name = "amparo.workbench"
    label = "workbench"

    def ready(self) -> None:
        """Record what happens at the door."""
        from amparo.workbench.account import events  # needs the models of all apps

        events.connect()
