"""Design tokens, base styles, templates and charts. No models."""
