"""Which version this is: what every process says of itself."""

from importlib.metadata import version

VERSION = version("yingbao")
