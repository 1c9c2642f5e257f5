"""An independent computation of the published figures, from the landing files alone."""
