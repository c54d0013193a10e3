"""How the controller learns: ``python -m style_transfer.train CORPUS``. Nothing here is needed to use it."""
