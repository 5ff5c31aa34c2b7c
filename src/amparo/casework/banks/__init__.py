"""Banks of known content: import, export, look-up, verdicts. What every use case of them shares is in `store`."""
