"""The cards of the recommendation page and the words and rows they show."""
