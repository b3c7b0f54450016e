"""Puts the pages together: routes, the guard in front of them, headers, errors, static files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from tracker.clock import Clock
from tracker.services.office import Office
from tracker.web.access import require_entries
from tracker.web.api.app import create_api
from tracker.web.calendars import create_calendars
from tracker.web.context import Desk
from tracker.web.errors import handle_errors
from tracker.web.guard import require_session, require_token
from tracker.web.routes import (
    account,
    admin,
    admin_audit,
    admin_backup,
    admin_calendar,
    admin_contacts,
    admin_jobs,
    admin_people,
    admin_rules,
    admin_templates,
    bulletins,
    channels,
    checks,
    claims,
    corrections,
    digest,
    enter,
    far_sign_in,
    feeds,
    issued_papers,
    item,
    item_checks,
    items,
    leader,
    ledger,
    messages,
    my,
    next_bulletin,
    overview,
    papers,
    rates,
    revisits,
    sign_in,
    snapshots,
    spot_checks,
    units,
    uploads,
    views,
    watch,
    wecom_callback,
)
from tracker.web.security import BodyLimit, SecurityHeaders

ROUTES = (
    sign_in,
    far_sign_in,
    account,
    overview,
    items,
    item,
    item_checks,
    checks,
    views,
    rates,
    snapshots,
    messages,
    channels,
    papers,
    issued_papers,
    bulletins,
    next_bulletin,
    uploads,
    corrections,
    claims,
    feeds,
    watch,
    revisits,
    spot_checks,
    units,
    digest,
    leader,
    ledger,
    enter,
    my,
    wecom_callback,
    admin,
    admin_people,
    admin_contacts,
    admin_rules,
    admin_templates,
    admin_calendar,
    admin_jobs,
    admin_audit,
    admin_backup,
)
_STATIC = Path(__file__).parent / "static"
_WORKERS = 8  # SQLite has one writer: more threads would only wait for one another


def create_app(office: Office, clock: Clock) -> FastAPI:
    """The pages of one installation, as an ASGI application; LookupError for a route without access rule."""
    written = (route for module in ROUTES for route in module.router.routes if isinstance(route, APIRoute))
    require_entries((method, route.path) for route in written for method in route.methods or ())
    app = FastAPI(
        title="整改通",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_few_workers,
        dependencies=[Depends(require_session), Depends(require_token)],
    )
    app.state.desk = Desk(office, clock)
    for module in ROUTES:
        app.include_router(module.router)
    app.mount("/api/v1", create_api(app.state))
    app.mount("/calendar", create_calendars(app.state))
    # Only what is the same for everybody is compressed: a page with a form token must not be (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=_STATIC), minimum_size=1024), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    handle_errors(app)
    return app


@asynccontextmanager
async def _few_workers(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _WORKERS
    yield
