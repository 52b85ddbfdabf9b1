"""What we know and how we decide: pure functions over frozen structs and YAML data."""
