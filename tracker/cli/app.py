"""The command `rectify`: global options, exit status, and errors in Chinese."""

from __future__ import annotations

import errno
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from tracker import __version__
from tracker.bootstrap import build_office
from tracker.cli.chinese import speak_chinese
from tracker.cli.output import print_json, print_note
from tracker.clock import Clock, standing_clock, system_clock
from tracker.domain.errors import RectifyError
from tracker.domain.periods import FIRST_YEAR, LAST_YEAR
from tracker.rendering.contract import error_json
from tracker.services.office import Office
from tracker.settings import Settings, load_settings

# Where each command lives. Loaded when called: `rectify items` need not wait for the web framework.
COMMANDS = {
    "demo": "tracker.cli.demo:demo",
    "import": "tracker.cli.intake:import_",
    "bulletins": "tracker.cli.bulletins:bulletins",
    "bulletin": "tracker.cli.next_bulletin:bulletin",
    "hand-out": "tracker.cli.bulletins:hand_out",
    "undo": "tracker.cli.bulletins:undo",
    "claims": "tracker.cli.claims:claims",
    "items": "tracker.cli.items:items",
    "show": "tracker.cli.items:show",
    "sign": "tracker.cli.workflow:sign",
    "submit": "tracker.cli.workflow:submit",
    "return": "tracker.cli.workflow:return_",
    "strike-off": "tracker.cli.workflow:strike_off",
    "extend": "tracker.cli.workflow:extend",
    "grant": "tracker.cli.workflow:grant",
    "refuse": "tracker.cli.workflow:refuse",
    "withdraw": "tracker.cli.workflow:withdraw",
    "defer": "tracker.cli.workflow:defer",
    "reopen": "tracker.cli.workflow:reopen",
    "object": "tracker.cli.workflow:object_",
    "uphold": "tracker.cli.workflow:uphold",
    "dismiss": "tracker.cli.workflow:dismiss",
    "progress": "tracker.cli.workflow:progress",
    "undo-step": "tracker.cli.workflow:undo_step",
    "watch": "tracker.cli.workflow:watch",
    "nudge": "tracker.cli.papers:nudge",
    "papers": "tracker.cli.papers:papers",
    "ledger": "tracker.cli.ledger:ledger",
    "rates": "tracker.cli.rates:rates",
    "digest": "tracker.cli.reports:digest",
    "contacts": "tracker.cli.registry:contacts",
    "links": "tracker.cli.links:links",
    "tokens": "tracker.cli.systems:tokens",
    "webhooks": "tracker.cli.systems:webhooks",
    "calendars": "tracker.cli.calendars:calendars",
    "secrets": "tracker.cli.secrets:secrets",
    "units": "tracker.cli.registry:units",
    "users": "tracker.cli.users:users",
    "recompute": "tracker.cli.recompute:recompute",
    "remind": "tracker.cli.messages:remind",
    "deliver": "tracker.cli.messages:deliver",
    "drill": "tracker.cli.drill:drill",
    "inbox": "tracker.cli.messages:inbox",
    "messages": "tracker.cli.outbox:messages",
    "endpoints": "tracker.cli.endpoints:endpoints",
    "test-message": "tracker.cli.outbox:test_message",
    "check": "tracker.cli.messages:check",
    "checks": "tracker.cli.checks:checks",
    "recheck": "tracker.cli.checks:recheck",
    "feed": "tracker.cli.feeds:feed",
    "watch-list": "tracker.cli.watching:watch_list",
    "watch-columns": "tracker.cli.watching:watch_columns",
    "watch-open": "tracker.cli.watching:watch_open",
    "warn": "tracker.cli.watching:warn",
    "revisits": "tracker.cli.revisits:revisits",
    "spot-check": "tracker.cli.spot_checks:spot_check",
    "serve": "tracker.cli.running:serve",
    "web": "tracker.cli.running:web",
    "scheduler": "tracker.cli.running:scheduler",
    "audit": "tracker.cli.audit:audit",
    "backup": "tracker.cli.backup:backup",
    "restore": "tracker.cli.backup:restore",
    "db": "tracker.cli.running:database",
    "doctor": "tracker.cli.running:doctor",
}
_ERRNO = {
    errno.ENOENT: "文件或目录不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已存在",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘只读",
}
log = logging.getLogger(__name__)
_UNSAFE = re.compile(r"(?P<name>key|access_token|password)=[^&\s]+")


@dataclass
class Call:
    """One call of the command line: what the global options say, and the office when it is needed."""

    clock: Clock
    json: bool = False
    settings: Settings = field(default_factory=load_settings)

    @cached_property
    def office(self) -> Office:
        return build_office(self.settings)

    @property
    def now(self) -> datetime:
        return self.clock()

    def close(self) -> None:
        if "office" in self.__dict__:
            self.office.database.close()


class Moment(click.ParamType[datetime]):
    """ISO 8601, with an offset or on the office's clock."""

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是有效的时刻，请写成 2021-07-26T09:00+08:00 的形式", param, ctx)
        if not FIRST_YEAR < moment.year < LAST_YEAR:
            self.fail(f"“{value}”的年份不在 {FIRST_YEAR + 1} 至 {LAST_YEAR - 1} 之间", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


class Number(click.ParamType[int]):
    """An item's number."""

    name = "number"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal()):
            self.fail(f"“{value}”不是整改事项的编号，请写数字，如 12", param, ctx)
        return int(text)


class Rectify(click.Group):
    """Loads each command from where `COMMANDS` says, and turns errors into exit status 1."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`--json` is the whole call's, wherever a script puts it: `rectify import --json FILE` too."""
        end = args.index("--") if "--" in args else len(args)
        if "--json" in args[:end]:
            args = ["--json", *(arg for arg in args[:end] if arg != "--json"), *args[end:]]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return _in_chinese(command)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RectifyError as error:
            _tell(ctx, error.code, error.message, error.details)
        except BrokenPipeError:
            raise
        except OSError as error:
            _tell(
                ctx,
                "io",
                f"{error.filename or '输入输出'}：{_ERRNO.get(error.errno or 0, error.strerror)}",
                {},
            )
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # Its text may quote anything; people get its kind, TRACKER_LOG_LEVEL=DEBUG the rest.
            log.debug("unforeseen error", exc_info=True)
            _tell(ctx, "internal", f"程序内部错误（{type(error).__name__}），请联系维护人员", {})
        finally:
            if isinstance(ctx.obj, Call):
                ctx.obj.close()
        raise click.exceptions.Exit(1)


def _in_chinese(command: click.Command) -> click.Command:
    """The words of the usage line that Click does not ask its catalogue for."""
    command.options_metavar = "[选项]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]..."
        for each in command.commands.values():
            _in_chinese(each)
    return command


@click.group(
    cls=Rectify,
    options_metavar="[选项]",
    subcommand_metavar="命令 [参数]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--now", type=Moment(), metavar="时刻", help="把本次执行的一切判断放到另一时刻（演练、测试）。")
@click.option("--json", "as_json", is_flag=True, help="标准输出只给一份 JSON。")
@click.version_option(__version__, prog_name="rectify", help="显示版本并退出。")
@click.pass_context
def app(ctx: click.Context, now: datetime | None, as_json: bool) -> None:
    """整改通：把通报变成有时限、有提醒、可销号的整改事项。"""
    ctx.ensure_object(dict)["json"] = as_json
    ctx.obj = Call(standing_clock(now) if now else system_clock, as_json)
    logging.getLogger("tracker").setLevel(ctx.obj.settings.log_level)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    if sys.stdout is None:  # started with a closed standard output: nobody listens
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (for the process's life)
    speak_chinese()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        # Not standalone: Click returns the status of `Exit` in place of the command's result, None.
        status = app.main(list(arguments), prog_name="rectify", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        return 2
    except click.Abort:
        print_note("已中止。")
        return 1
    except BrokenPipeError:
        # The reader (`head`) has gone; that is no fault of ours, and the interpreter must not say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        print_note(f"错误：无法写出结果：{_ERRNO.get(error.errno or 0, error.strerror)}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return status if isinstance(status, int) else 0


def _tell(ctx: click.Context, code: str, message: str, details: dict[str, object]) -> None:
    message = _UNSAFE.sub(r"\g<name>=…", message)
    as_json = ctx.obj.json if isinstance(ctx.obj, Call) else bool((ctx.obj or {}).get("json"))
    if as_json:
        print_json(error_json(code, message, details))
    else:
        print_note(f"错误：{message}")
