"""Every public command once: its JSON has the keys of the contract, its table is for people."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Rectify
from tests.fakes.loopback import loopback_only
from tests.fakes.website import FakeWebsite, html
from tests.services.scenes import HEADER
from tracker.cli import app
from tracker.cli.app import COMMANDS

ITEM = {
    "number", "unit", "unit_as_written", "group", "domain", "class", "text", "quantity", "state",
    "issued_on", "due_on", "due_at", "provisional", "overdue", "bulletin", "recurs", "source",
}  # fmt: skip
IMPORT = {
    "document", "counts", "items", "unassigned", "unread", "claims", "new_units", "likely_units",
}  # fmt: skip
COUNTS = {"new", "unchanged", "changed", "reappeared", "absent", "unassigned", "unread"}
RATE = {"numerator", "denominator", "percent"}
ROW = {"key", "rectified", "on_time", "overdue", "open"}
PLANNED = {"recipient", "channel", "kind", "numbers", "reason", "send_after"}
CHECK = {"number", "probe", "verdict", "evidence", "checked_at"}
TUESDAY = "2021-07-27T09:00"


def test_import_previews_and_commits_with_the_same_document(rectify: Rectify, bulletin: Path) -> None:
    preview = rectify("import", bulletin, "--dry-run").json
    assert rectify("items").json == {"items": []}
    done = rectify("import", bulletin).json
    assert set(preview) >= IMPORT
    assert set(preview["document"]) == {"title", "issued_on", "sha256"}
    assert set(preview["counts"]) == COUNTS
    assert preview["counts"] == done["counts"] == dict.fromkeys(COUNTS, 0) | {"new": 9}
    assert all(set(item) >= ITEM | {"outcome", "unit_known"} for item in preview["items"])
    assert {item["number"] for item in preview["items"]} == {None}
    assert [item["number"] for item in done["items"]] == list(range(1, 10))
    assert done["new_units"] == ["市教育局", "市民政局", "澜东区"]


def test_import_takes_date_and_title_from_the_caller_and_lists_the_unassigned(
    rectify: Rectify, bulletin: Path
) -> None:
    bulletin.write_text(bulletin.read_text("utf-8").replace("2\t市民政局", "2\t"), "utf-8")
    said = rectify("import", bulletin, "--issued-on", "2021-07-20", "--title", "二季度通报").json
    assert (said["document"]["title"], said["document"]["issued_on"]) == ("二季度通报", "2021-07-20")
    assert said["counts"]["unassigned"] == len(said["unassigned"]) == 2
    assert set(said["unassigned"][0]) == {"text", "line", "why"}


def test_several_files_make_one_document(rectify: Rectify, bulletin: Path, tmp_path: Path) -> None:
    again = tmp_path / "另存.txt"
    again.write_text(bulletin.read_text("utf-8") + "\n", "utf-8")
    said = rectify("import", bulletin, again).json
    assert [each["counts"]["new"] for each in said["imports"]] == [9, 0]


@pytest.mark.usefixtures("taken_in")
def test_an_item_is_written_as_the_contract_says(rectify: Rectify) -> None:
    [item] = rectify("items", "--unit", "澜东区", "--class", "unevaluated_cases").json["items"]
    assert {key: item[key] for key in ITEM} == {
        "number": 8,
        "unit": "澜东区",
        "unit_as_written": "澜东区",
        "group": "各区",
        "domain": "一网通办",
        "class": "unevaluated_cases",
        "text": "有未评办件982件。",
        "quantity": {"value": 982, "measure": "件"},
        "state": "open",
        "issued_on": "2021-07-23",
        "due_on": "2021-07-30",
        "due_at": "2021-07-30T23:59:59+08:00",
        "provisional": False,
        "overdue": False,
        "bulletin": "全市政务服务季度考核情况通报",
        "recurs": None,
        "source": {"file": "通报.txt", "annex": "附件2", "row": 1, "ordinal": None, "line": 20},
    }


@pytest.mark.usefixtures("taken_in")
@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--unit", "市民政局"), [6, 7]),
        (("--domain", "互联网+监管"), [3]),
        (("--class", "missing_column"), [4, 7, 9]),
        (("--state", "signed"), [2]),
        (("--overdue",), [6]),
        (("--bulletin", "通报.txt", "--state", "open"), [1, 3, 4, 5, 6, 7, 8, 9]),
        (("--bulletin", "1", "--unit", "澜东区"), [8, 9]),
        (("--class", "depth"), []),
    ],
)
def test_a_list_is_narrowed_by_every_option(
    rectify: Rectify, options: tuple[str, ...], numbers: list[int]
) -> None:
    rectify("sign", 2, "--by", "李联")
    said = rectify("items", *options, now="2021-07-27T00:00")
    assert [item["number"] for item in said.json["items"]] == numbers


def test_a_unit_may_be_named_in_any_usual_way(rectify: Rectify, bulletin: Path) -> None:
    text = bulletin.read_text("utf-8").replace("市教育局", "市文旅局").replace("市民政局", "市文化和旅游局")
    bulletin.write_text(text, "utf-8")
    rectify("import", bulletin)
    for name in ("市文旅局", "市文化和旅游局", " 市 文旅局"):
        assert len(rectify("items", "--unit", name).json["items"]) == 7


@pytest.mark.usefixtures("taken_in")
def test_show_tells_the_whole_story(rectify: Rectify, tmp_path: Path) -> None:
    (tmp_path / "截图.png").write_bytes(b"png")
    rectify("remind", now=TUESDAY)
    proofs = ("--evidence", tmp_path / "截图.png", "--evidence", "https://example.invalid/a")
    rectify("submit", 1, "--by", "李联", *proofs, now="2021-07-27T10:00")
    said = rectify("show", 1).json
    assert set(said) >= {"item", "history", "checks", "messages", "why"}
    assert [(row["event"], row["by"], row["at"]) for row in said["history"]][1] == (
        "submit",
        "李联",
        "2021-07-27T10:00:00+08:00",
    )
    assert said["history"][1]["evidence"] == [
        {"id": 1, "kind": "file", "value": "截图.png"},
        {"id": 2, "kind": "link", "value": "https://example.invalid/a"},
    ]
    assert [message["state"] for message in said["messages"]] == ["pending"]
    assert said["checks"] == []
    assert "等待核验" in said["why"]


@pytest.mark.usefixtures("taken_in")
def test_the_ten_verbs_of_the_workflow_answer_with_the_items_they_moved(rectify: Rectify) -> None:
    unit, bureau, reason = ("--by", "李联"), ("--by", "核验员"), ("--reason", "情况属实")
    for verb, words, state in (
        ("sign", unit, "signed"),
        ("extend", (*unit, *reason, "--to", "2021-09-01"), "signed"),
        ("refuse", (*bureau, *reason), "signed"),
        ("extend", (*unit, *reason, "--to", "2021-09-01"), "signed"),
        ("grant", bureau, "signed"),
        ("submit", unit, "submitted"),
        ("return", (*bureau, *reason), "signed"),
        ("defer", (*bureau, *reason, "--to", "2021-10-01"), "deferred"),
        ("reopen", (*bureau, *reason), "open"),
        ("submit", unit, "submitted"),
        ("strike-off", bureau, "struck_off"),
        ("reopen", (*bureau, *reason), "open"),
        ("withdraw", (*bureau, *reason), "withdrawn"),
    ):
        said = rectify(verb, 1, 4, *words, now="2021-07-26T10:00")
        assert said.status == 0, said.out
        assert [(item["number"], item["state"]) for item in said.json["items"]] == [(1, state), (4, state)]
        assert all(set(item) >= ITEM for item in said.json["items"])
    assert {item["due_on"] for item in said.json["items"]} == {"2021-09-01"}


@pytest.mark.usefixtures("taken_in")
def test_rates_carry_numerator_denominator_and_moment(rectify: Rectify) -> None:
    said = rectify("rates", "--by", "unit", "--as-of", "2021-07-23T18:00+08:00", now=TUESDAY).json
    assert set(said) == {"as_of", "total", "rows"}
    assert said["as_of"] == "2021-07-23T18:00:00+08:00"
    assert [row["key"] for row in said["rows"]] == ["市教育局", "市民政局", "澜东区"]
    assert set(said["total"]) == ROW | {"returned", "recurred", "median_days"}
    assert set(said["total"]["rectified"]) == RATE
    assert said["total"]["rectified"] == {"numerator": 0, "denominator": 9, "percent": "0%"}
    assert said["total"]["on_time"]["percent"] == "—"


def test_contacts_are_listed_with_their_secrets_masked(rectify: Rectify, tmp_path: Path) -> None:
    key = "0f0f0f0f-1111-2222-3333-444455556666"
    path = tmp_path / "联系人.csv"
    path.write_text(f"{HEADER}\n市教育局,李联,联络员,13800000001,lilian,{key},\n", "utf-8")
    said = rectify("contacts", "import", path)
    assert said.json == rectify("contacts", "list").json
    [contact] = said.json["contacts"]
    assert contact["phone"] == "138****0001"
    assert contact["robot"] == "key=0f0f…6666"
    assert key not in said.out
    assert key not in rectify("contacts", "list", as_json=False).out


@pytest.mark.usefixtures("taken_in")
def test_remind_plans_or_holds_and_deliver_sends(rectify: Rectify) -> None:
    foretold = rectify("remind", "--dry-run", now=TUESDAY).json
    assert rectify("inbox").json == {"messages": []}
    held = rectify("remind", now="2021-07-27T20:00").json
    assert (held["planned"], len(held["held"])) == ([], 3)
    assert {each["send_after"] for each in held["held"]} == {"2021-07-28T09:00:00+08:00"}
    planned = rectify("remind", now=TUESDAY).json
    assert planned == foretold
    assert set(planned) == {"planned", "held"}
    assert all(set(each) == PLANNED for each in planned["planned"])
    done = rectify("deliver", now=TUESDAY).json
    assert {name: done[name] for name in ("accepted", "failed", "unknown", "pending")} == {
        "accepted": 3,
        "failed": 0,
        "unknown": 0,
        "pending": 0,
    }
    assert set(done["messages"][0]) == {"id", "recipient", "channel", "state", "error"}
    assert len(rectify("inbox").json["messages"]) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("taken_in")
def test_check_looks_at_what_is_due(rectify: Rectify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PROBE_NETWORKS", "127.0.0.0/8")
    menu = "".join(f'<a href="/{n}/">{n}号栏目</a>' for n in range(6))
    with FakeWebsite() as site, loopback_only():
        site["/zwgk/"] = html(f"{menu}<a href='/tj/'>统计信息</a>")
        site["/tj/"] = html(f"{menu}<p><a href='/tj/1.html'>统计公报</a> 2021-07-20</p>")
        rectify("watch", 4, "--url", site.url("/zwgk/"), "--by", "核验员")
        said = rectify("check", "--probe", "website_column").json
    [check] = said["checks"]
    assert set(check) == CHECK
    assert (check["number"], check["verdict"]) == (4, "fixed")
    assert rectify("show", 4).json["checks"] == [check]


@pytest.mark.usefixtures("taken_in")
def test_the_digest_is_text_chart_and_ledger(rectify: Rectify, tmp_path: Path) -> None:
    said = rectify("digest", "--out", tmp_path / "周报", now="2021-07-26T09:00").json
    assert set(said) >= {"period", "rates", "delta", "unfinished", "files"}
    assert said["period"] == "2021-W30"
    assert said["unfinished"] == "未完成整改单位：市教育局5条、市民政局、澜东区各2条。"
    assert sorted(Path(file).suffix for file in said["files"]) == [".md", ".png", ".xlsx"]
    assert all(Path(file).stat().st_size > 100 for file in said["files"])
    sent = rectify("digest", "--week", "2021-W30", "--send", now="2021-07-26T09:00").json
    assert len(sent["sent_to"]) == 1
    assert rectify("digest", "--send", now="2021-07-26T10:00").json["sent_to"] == []


@pytest.mark.usefixtures("taken_in")
def test_units_and_users(rectify: Rectify) -> None:
    assert {unit["confirmed"] for unit in rectify("units", "list").json["units"]} == {False}
    confirmed = rectify("units", "confirm", "市教育局").json["units"]
    assert [unit["name"] for unit in confirmed if unit["confirmed"]] == ["市教育局"]
    made = rectify("users", "add", "zhang").json
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", made["password"])
    rectify("users", "add", "wang", "--role", "leader")
    listed = rectify("users", "list").json
    assert {name: listed[name] for name in ("users", "roles")} == {
        "users": ["zhang", "wang"],
        "roles": {"zhang": "staff", "wang": "leader"},
    }


def test_doctor_looks_at_everything(rectify: Rectify) -> None:
    said = rectify("doctor")
    assert said.status == 0
    assert {check["name"] for check in said.json["checks"]} >= {"config", "database", "calendar", "channels"}
    assert all(set(check) == {"name", "ok", "detail"} for check in said.json["checks"])
    assert [check for check in said.json["checks"] if not check["ok"]] == []


@pytest.mark.usefixtures("taken_in")
@pytest.mark.parametrize(
    "words",
    [
        ("items",), ("show", 1), ("rates",), ("digest",), ("contacts", "list"), ("units", "list"),
        ("users", "list"), ("remind",), ("deliver",), ("inbox",), ("check",), ("doctor",),
        ("db", "upgrade"), ("sign", 1, "--by", "李联"), ("import", "通报.txt"),
    ],
)  # fmt: skip
def test_without_json_people_get_chinese(rectify: Rectify, words: tuple[object, ...]) -> None:
    rectify("remind", now=TUESDAY)
    said = rectify(*words, now=TUESDAY, as_json=False)
    assert said.status == 0
    assert re.search("[一-龥]", said.out)
    assert not said.out.lstrip().startswith("{")


def every_command() -> list[tuple[str, ...]]:
    context = click.Context(app)
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        found.append((name,))
        command = app.get_command(context, name)
        if isinstance(command, click.Group):
            found += [(name, each) for each in command.commands]
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_help_page_is_chinese(rectify: Rectify, command: tuple[str, ...]) -> None:
    said = rectify(*command, "--help", as_json=False)
    assert said.status == 0
    assert said.out.startswith("用法：")
    # English stands only in names of commands and options, in choices and in examples.
    words = re.sub(r"--?[\w-]+|\[[\w|]+\]|\d+<=x<=\d+|\S*：group", "", said.out)
    names = {part for each in every_command() for name in each for part in name.split("-")}
    examples = {
        "rectify",
        "LibreOffice",
        "PDF",
        "Word",
        "documents",
        "xlsx",
        "xls",
        "csv",
        "JSON",
        "Excel",
        "docx",
        "WPS",
        "Ctrl",
        "missing_column",
        "website_column",
        "TRACKER_SECRET_KEY",
        "wecom_robot",
        "sms",
        "accepted",
        "resend",
        "drop",
        "iCalendar",
        "read",
        "admin",
        "item",
        "step",
    }
    assert set(re.findall(r"[A-Za-z_]{2,}", words)) <= names | examples
