"""Signed packages of a Case: asked for, checked, handed out."""
