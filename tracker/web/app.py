"""Puts the pages together: routes, the guard in front of them, headers, errors, static files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles

from tracker.clock import Clock
from tracker.services.office import Office
from tracker.web.context import Desk
from tracker.web.errors import handle_errors
from tracker.web.guard import require_session, require_token
from tracker.web.routes import (
    bulletins,
    channels,
    claims,
    corrections,
    digest,
    enter,
    feeds,
    item,
    items,
    ledger,
    messages,
    my,
    next_bulletin,
    overview,
    papers,
    rates,
    sign_in,
    units,
    uploads,
    wecom_callback,
)
from tracker.web.security import BodyLimit, SecurityHeaders

ROUTES = (
    sign_in,
    overview,
    items,
    item,
    rates,
    messages,
    channels,
    papers,
    bulletins,
    next_bulletin,
    uploads,
    corrections,
    claims,
    feeds,
    units,
    digest,
    ledger,
    enter,
    my,
    wecom_callback,
)
_STATIC = Path(__file__).parent / "static"
_WORKERS = 8  # SQLite has one writer: more threads would only wait for one another


def create_app(office: Office, clock: Clock) -> FastAPI:
    """The pages of one installation, as an ASGI application."""
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
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    handle_errors(app)
    return app


@asynccontextmanager
async def _few_workers(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _WORKERS
    yield
