"""Benefit rules as dated, cited data (``packs/``) and the pure engine that reads them."""
