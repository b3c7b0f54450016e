"""One module per page. They do not import one another; `tracker/web/app.py` names them all."""
