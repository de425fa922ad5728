"""A small, honest stand-in for the QALITA platform: keeps runs, scores them, opens and closes issues.

Written from scratch. It shares `contract` and `errors` with the client, and nothing else.
"""
