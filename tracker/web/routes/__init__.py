"""One module per page; what belongs to documents and names is served through the bulletins' router.

Modules here must never import one another.
"""

from tracker.web.routes import bulletins, claims, corrections, units, uploads

for _part in (uploads, corrections, claims, units):
    bulletins.router.include_router(_part.router)
