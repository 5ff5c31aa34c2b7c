"""Text: words with their places, language, near duplicates, small linear models, extraction from files."""
