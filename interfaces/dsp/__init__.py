"""Our processors written down for other programs' script engines; their knob tables come from the Param schema."""
