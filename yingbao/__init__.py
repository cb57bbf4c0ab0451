"""The command ``yingbao``: demo, up, serve, simulate, and the operator's tools."""
