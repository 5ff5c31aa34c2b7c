"""Readers and writers of foreign formats. Pure: they know the nouns of evidence and nothing else of ours."""
