"""Serves the pages until told to stop.

Must never log an access: addresses carry what people look for, and those of one-tap links let people in.
"""

from __future__ import annotations

import errno
import socket

import uvicorn

from tracker.clock import Clock
from tracker.domain.errors import RectifyError
from tracker.services.office import Office
from tracker.web.app import create_app


def run_pages(office: Office, clock: Clock, listener: socket.socket) -> None:
    """Serve until Ctrl+C or SIGTERM."""
    build_server(office, clock).run(sockets=[listener])


def build_server(office: Office, clock: Clock) -> uvicorn.Server:
    """The pages as they are served, not started."""
    config = uvicorn.Config(
        create_app(office, clock), access_log=False, log_level="warning", server_header=False
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """Bind, before anything else starts; raises RectifyError when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = {
            errno.EADDRINUSE: "端口已被其他程序占用，请用 --port 换一个",
            errno.EACCES: "没有使用该端口的权限，请用 --port 换一个大于 1024 的端口",
        }.get(error.errno or 0, "地址不可用，请检查 --host")
        details = {"host": host, "port": port}
        raise RectifyError(f"无法在 {host}:{port} 上提供网页：{why}", details=details) from None
