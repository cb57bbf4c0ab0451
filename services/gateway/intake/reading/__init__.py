"""The one way in which files are read: spreadsheets and text files, as departments really send them.

``characters`` what people type without seeing it · ``cells`` dates, amounts, counts, phones ·
``workbook``, ``old_workbook``, ``delimited`` the formats, bounded before they are parsed ·
``header`` which column is what · ``table`` puts it together. Nothing here does I/O or knows a fact.
"""
