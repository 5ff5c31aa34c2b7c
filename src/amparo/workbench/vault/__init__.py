"""Pages of the Vault: for custodians, for members of a Case, and for pictures that two people release."""
