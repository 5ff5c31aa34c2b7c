"""Reading evidence: folders, archives in them, and any Item's bytes again from its Locator."""
