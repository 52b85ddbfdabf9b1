"""The window: the only place that imports Qt. Thin pages around one `State`."""
