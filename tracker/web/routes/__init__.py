"""One module per page; they must never import one another."""
