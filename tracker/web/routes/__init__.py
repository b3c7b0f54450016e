"""One module per page. What belongs to documents hangs on the bulletins' router, which the application serves.

Modules here must never import one another.
"""

from tracker.web.routes import bulletins, claims, corrections, units, uploads

for _part in (uploads, corrections, claims, units):
    bulletins.router.include_router(_part.router)
