"""The still charts of recommendation and report; alone in importing matplotlib, and lazily."""
