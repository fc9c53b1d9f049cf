"""An embedded installation to try everything on."""
