"""What pages are made of: small parts that know only the theme, and cards that follow the state."""
