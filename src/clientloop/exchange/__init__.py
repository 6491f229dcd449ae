"""Data in and out: CSV files, workbooks, vCard, iCalendar."""
