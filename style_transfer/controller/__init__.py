"""The learned estimate: it hears tracks and a reference once and says where the knobs would stand, and how surely."""
