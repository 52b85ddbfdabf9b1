"""One module per step, found by name: `app.gui.pages.<step>` with a class `Page`."""
