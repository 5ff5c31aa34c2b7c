"""The staff web application. One sub-package for each tool; :mod:`amparo.workbench.access` guards every page."""
