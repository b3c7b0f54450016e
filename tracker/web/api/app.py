"""The interface for other systems, an application of its own, without the pages' session and form token.

Its description (`openapi.json`) needs no token: it says what the program can do, nothing of this office.
"""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.datastructures import State

from tracker import __version__
from tracker.web.api import intake, items, registry, reports, steps
from tracker.web.api.errors import handle_errors
from tracker.web.api.guard import identify, new_throttle

ROUTES = (items, steps, intake, reports, registry)
_ABOUT = """整改通的接口：与网页、命令行相同的操作。时刻为 ISO 8601 带时差，日期为 YYYY-MM-DD；
出错时答 `{"error": {"code", "message", "details"}}`，`code` 不会改变。"""


def create_api(state: State) -> FastAPI:
    """The interface of one installation, to be mounted at `/api/v1`; `state` is that of the pages."""
    api = FastAPI(
        title="整改通接口",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": "/api/v1"}],
        root_path_in_servers=False,
        dependencies=[Depends(identify)],
    )
    api.state = state
    state.throttle = new_throttle()
    for module in ROUTES:
        api.include_router(module.router)
    handle_errors(api)
    return api
