"""The cards of the machine page and the words and rows they show."""
