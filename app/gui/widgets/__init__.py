"""Small widgets that several pages share; they know the theme and nothing of the program."""
