"""One module per page; what belongs to documents and names is served through the bulletins' router.

Modules here must never import one another.
"""

from tracker.web.routes import bulletins, claims, corrections, units, uploads

# Routes, not routers: the guard's tests count the doors of a router by its own list.
for _part in (uploads, corrections, claims, units):
    bulletins.router.routes.extend(_part.router.routes)
