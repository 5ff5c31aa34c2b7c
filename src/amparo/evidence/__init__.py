"""The nouns of the house as frozen values: no storage, no network, no framework.

Everything else in Amparo speaks these words (DESIGN section 2). This package knows the standard library and
``cryptography`` and nothing else.
"""
