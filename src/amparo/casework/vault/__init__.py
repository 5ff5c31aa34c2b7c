"""The Vault: sealed content of Cases, custodians who can open it, and the lending of what is in it."""
