"""Hash exchanges: known content fetched from NCMEC, StopNCII.org or a local file, change by change."""
