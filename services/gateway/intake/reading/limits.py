"""What opening a workbook may take."""

BYTES_MAX = 5 << 29
SECONDS_MAX = 120
