"""Alembic migrations of the store; `upgrade.py` runs them, `versions/` holds them."""
