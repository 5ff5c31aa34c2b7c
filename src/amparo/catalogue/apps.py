"""Django app."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The catalogue."""

    name = "amparo.catalogue"
    label = "catalogue"
