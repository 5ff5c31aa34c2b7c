"""Grades of INTERPOL, VIC and national schemes, derived from neutral Labels by dated rule files.

``scheme`` has the rules and how they are applied, ``rule_file`` reads them, ``shipped`` has those of Amparo.
"""
