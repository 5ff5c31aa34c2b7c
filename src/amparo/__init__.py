"""Amparo: one open toolkit against trafficking in human beings and child sexual abuse and exploitation."""

__version__ = "0.1.0"
