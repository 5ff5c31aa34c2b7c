"""What has to be done in a Case, the things seized, and planned enforcement."""
