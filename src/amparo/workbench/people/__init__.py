"""Accounts, roles and invitations: the administrator's pages."""
