"""People who use this installation. Roles and permissions come with the workbench."""
