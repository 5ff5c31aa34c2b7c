"""How work runs: Analysers over Items and Contents, engines that give parallelism, a Ledger that remembers.

Nothing here knows a database, a file format or Django; storage and reading are ports (``ports.py``).
"""
