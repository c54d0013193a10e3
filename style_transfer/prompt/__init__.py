"""Words into intents: what a producer asks for in plain language, understood offline and in milliseconds."""
