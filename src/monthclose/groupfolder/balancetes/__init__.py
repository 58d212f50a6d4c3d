"""Monthly trial balances as accountants send them: CSV or workbook, each in a form of its own."""
