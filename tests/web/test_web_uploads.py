"""From a document handed in, through its preview and corrections, to items; and back again."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.fakes.pages_office import BULLETIN, STAFF
from tracker.domain.lifecycle import Event
from tracker.services import advance, inspect, staging
from tracker.store.items import ItemFilter
from tracker.web import tables

NEXT = BULLETIN.replace("11月16日", "11月17日").replace("12件", "5件").replace("“全民健身”", "“青少年体育”")
ASIDE = "检查还发现一处公厕标牌脱落。"


def hand_in(staff, content=BULLETIN, filename="通报.txt", **fields):
    """Upload a document; the address of its preview."""
    answer = staff.post("/uploads", "/uploads", files={"files": (filename, content.encode())}, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def correct(staff, place, deed, key, *, query="", **fields):
    return staff.post(f"{place}/corrections{query}", place, deed=deed, key=key, **fields)


def confirm(staff, place):
    """Press 确认读入 on the preview as it is now."""
    return staff.post(f"{place}/commit", place, shown=shown_on(staff.get(place)))


def shown_on(page):
    """What the page's button stands for; "" on a page without it."""
    found = re.search(r'name="shown" value="(\w+)"', page.text)
    return found[1] if found else ""


def edit(staff, place, key, **changed):
    """Send the edit form of a row as its page fills it in, with some fields changed."""
    page = staff.get(f"{place}?edit={key}").text
    form = page[page.index('name="deed" value="edit"') : page.index("保存更正")]
    fields = dict(re.findall(r'<input name="(\w+)"[^>]* value="([^"]*)"', form))
    fields |= dict(re.findall(r'type="date" name="(\w+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'name="(text)"[^>]*>([^<]*)<', form))
    if code := re.search(r'value="(\w+)" selected', form):
        fields["code"] = code[1]
    fields = {name: unescape(value) for name, value in fields.items()}
    return correct(staff, place, "edit", key, **(fields | changed))


def words_of(answer):
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


def items(town):
    return inspect.list_items(town.office, ItemFilter(), now=town.now)


def test_a_document_is_staged_and_shown_beside_its_source_without_being_written(town, staff):
    place = hand_in(staff)
    page = staff.get(place)
    assert "尚未写入" in page.text
    assert "<b>7</b>新增" in page.text
    assert "第 9 行" in page.text
    assert "<mark>未设置节约用水专栏。</mark>" in page.text
    assert page.text.count("match-new") == 7
    assert inspect.list_bulletins(town.office) == []


def test_what_was_previewed_is_what_is_written(town, staff):
    place = hand_in(staff)
    assert edit(staff, place, "f0", unit="市体育局", value="15").status_code == 303
    assert correct(staff, place, "drop", "f3", reason="考核口径有误").status_code == 303
    assert correct(staff, place, "split", "f4", texts="健身栏目无内容\n健身栏目无法打开").status_code == 303
    shown = words_of(staff.get(place))
    assert "将新增 7 项" in shown
    done = confirm(staff, place)
    assert done.headers["location"] == "/bulletins/1?done=true"
    ledger = words_of(staff.get(done.headers["location"]))
    assert "已读入《云澜市政务服务问题整改通报》：新增 7" in ledger
    assert "责任单位改为“市体育局”" in ledger
    assert "数量改为“15件”" in ledger
    assert "删除，理由为“考核口径有误”" in ledger
    written = [(item.unit, item.text, item.quantity) for item in items(town)]
    assert written == [
        ("市体育局", "未评价办件12件。", 15),
        ("市水务局", "未设置节约用水专栏。", None),
        ("市水务局", "没有公布R&D用水统计。", None),
        ("市体育局", "健身栏目无内容", None),
        ("市体育局", "健身栏目无法打开", None),
        ("澜东区", "有4件办件超出承诺时限办结。", 4),
        ("澜东区", "未设置社区服务专栏。", None),
    ]
    assert inspect.list_bulletins(town.office)[0].imported_by == STAFF
    assert staff.get(place).status_code == 404


def test_what_changed_since_it_was_shown_is_shown_again_before_it_is_written(town, staff):
    place = hand_in(staff)
    shown = shown_on(staff.get(place))
    correct(staff, place, "drop", "f0", reason="另一页上删的")
    outdated = staff.post(f"{place}/commit", place, shown=shown)
    assert outdated.status_code == 409
    assert "请核对后再确认" in words_of(outdated)
    assert "将新增 6 项" in words_of(outdated)
    assert inspect.list_bulletins(town.office) == []
    done = staff.post(f"{place}/commit", place, shown=shown_on(outdated))
    assert done.headers["location"] == "/bulletins/1?done=true"


def test_nothing_is_read_in_without_saying_what_was_shown(town, staff):
    place = hand_in(staff)
    assert staff.post(f"{place}/commit", place).status_code == 409
    assert inspect.list_bulletins(town.office) == []


def test_title_and_day_of_issue_can_be_put_right_and_the_deadlines_follow(town, staff):
    place = hand_in(staff)
    before = staging.staged(town.office, 1).preview.drafts[0].item.standing.due_on
    answer = staff.post(place, place, title="第三期通报", issued_on="2026-11-09")
    assert answer.headers["location"] == place
    page = staff.get(place).text
    assert "<h1>第三期通报</h1>" in page
    assert "2026-11-09 印发" in page
    assert staging.staged(town.office, 1).preview.drafts[0].item.standing.due_on < before
    refused = staff.post(place, place, title="另一个标题", issued_on="昨天")
    assert refused.status_code == 400
    assert "不是有效的日期" in refused.text
    assert 'value="另一个标题"' in refused.text
    staff.post(place, place, title="", issued_on="")
    assert "<h1>云澜市政务服务问题整改通报</h1>" in staff.get(place).text


def test_one_wrong_field_keeps_the_others_of_its_form_from_being_taken(town, staff):
    place = hand_in(staff)
    assert edit(staff, place, "f0", unit="市教育局", due_on="2026-11-01").status_code == 400
    assert staging.staged(town.office, 1).corrections.entries == ()


def test_a_field_left_as_it_was_corrects_nothing(town, staff):
    place = hand_in(staff)
    assert edit(staff, place, "f0").status_code == 303
    assert staging.staged(town.office, 1).corrections.entries == ()
    assert edit(staff, place, "f0", due_on="2026-12-25", code="other").status_code == 303
    kinds = {each.kind for each in staging.staged(town.office, 1).corrections.entries}
    assert kinds == {"class", "deadline"}


def test_a_correction_outlives_a_restart_and_can_be_taken_back(town, staff):
    place = hand_in(staff)
    edit(staff, place, "f0", unit="澜东区")
    again = type(staff)(town)
    again.sign_in(STAFF)
    assert "责任单位改为“澜东区”" in words_of(again.get(f"{place}?show=corrections"))
    taken = again.post(f"{place}/corrections/retract?show=corrections", place, kind="unit", key="f0")
    assert taken.headers["location"] == f"{place}?show=corrections"
    assert "已作更正 1" not in words_of(again.get(place))
    assert staging.staged(town.office, 1).preview.drafts[0].unit.name == "市水务局"


def test_after_a_correction_the_same_row_of_the_same_view_is_shown(staff):
    place = hand_in(staff)
    query = "?show=new&unit=市水务局"
    page = staff.get(f"{place}{query}&edit=f1").text
    form = re.search(r'action="([^"]+)" class="fields"', page)
    address = unescape(form[1])
    answer = staff.post(address, place, deed="drop", key="f1", reason="重复")
    assert answer.headers["location"].endswith("#f1")
    assert "show=new" in answer.headers["location"]
    assert "edit=" not in answer.headers["location"]


def test_a_refused_correction_says_why_and_keeps_what_was_typed(town, staff):
    place = hand_in(staff)
    cases = [
        ("edit", {"unit": "", "code": "other", "text": "改过的话"}, "请填写责任单位"),
        (
            "edit",
            {"unit": "市体育局", "code": "other", "text": "改过的话", "value": "三"},
            "须是不超过九位的数字",
        ),
        ("edit", {"unit": "市体育局", "code": "nope", "text": "改过的话"}, "没有代码为“nope”的问题类别"),
        (
            "edit",
            {"unit": "市体育局", "code": "other", "text": "改过的话", "due_on": "明天"},
            "不是有效的日期",
        ),
        (
            "edit",
            {"unit": "市水务局", "code": "other", "text": "改过的话", "due_on": "2026-11-01"},
            "早于印发日期",
        ),
        ("drop", {"reason": " "}, "请写明删除的理由"),
        ("split", {"texts": "改过的话"}, "每行一条"),
        ("same_as", {"number": "99"}, "99"),
        ("same_as", {"number": ""}, "请填写对应的事项编号"),
    ]
    for deed, fields, words in cases:
        answer = correct(staff, place, deed, "f0", **fields)
        assert (deed, fields, 400 <= answer.status_code < 500) == (deed, fields, True)
        assert words in answer.text
        for typed in fields.values():
            assert typed in answer.text
    assert "没有 f99 这一条问题" in correct(staff, place, "drop", "f99", reason="无").text


def test_a_line_of_a_tray_becomes_an_item(town, staff):
    place = hand_in(staff, BULLETIN.replace("附件 1", f"{ASIDE}\n\n附件 1"))
    [key] = [row.key for row in staging.staged(town.office, 1).preview.context if row.text == ASIDE]
    page = staff.get(f"{place}?show=context&edit={key}").text
    assert f"{ASIDE}</textarea>" in page
    assert "请填写责任单位" in correct(staff, place, "adopt", key, query="?show=context", text="x").text
    answer = correct(staff, place, "adopt", key, unit="市城管局", text="一处公厕标牌脱落")
    assert answer.headers["location"] == f"{place}#{key}"
    confirm(staff, place)
    assert [(item.unit, item.text) for item in items(town)][-1] == ("市城管局", "一处公厕标牌脱落")


def test_the_next_bulletin_shows_what_is_unchanged_changed_new_and_absent(town, staff):
    town.take_in()
    place = hand_in(staff, NEXT)
    page = words_of(staff.get(place))
    assert re.search(r"5\s+未变\s+1\s+数量变化\s+0\s+反弹\s+1\s+本期未列", page)
    assert "12件 → 5件" in page
    changed = staff.get(f"{place}?show=changed").text
    assert "未评价办件5件" in changed
    assert "社区服务" not in changed[changed.index("<table") :]  # it stands in the source beside
    absent = staff.get(f"{place}?show=absent").text
    assert 'href="/items/5"' in absent
    assert "“全民健身”栏目打开后内容为空。" in absent
    assert "不会因此自动销号" in absent
    assert "已是" in staff.get(f"{place}?edit=f0").text
    assert correct(staff, place, "same_as", "f4", number="5").status_code == 303
    assert re.search(r"6\s+未变", words_of(staff.get(place)))


def test_a_likely_unit_is_offered_and_taken_only_when_somebody_says_so(town, staff):
    town.take_in(BULLETIN.replace("市水务局", "市行政审批服务局"))
    place = hand_in(staff, NEXT.replace("市水务局", "市行政审批局"))
    page = staff.get(place)
    assert "“市行政审批局”可能是 市行政审批服务局" in re.sub(r"\s+", " ", words_of(page))
    assert "match-likely" in page.text
    answer = correct(staff, place, "alias", "市行政审批局", unit="市行政审批服务局")
    assert answer.headers["location"] == f"{place}#names"
    page = staff.get(place).text
    assert "可能是" not in page
    assert "match-likely" not in page
    confirm(staff, place)
    assert "市行政审批局" not in {unit.name for unit in inspect.list_units(town.office)}


def test_numbers_that_do_not_hold_are_pointed_out_before_anything_is_written(staff):
    rate = "上期共交办问题40条，已整改30条，整改率为85%。"
    place = hand_in(staff, BULLETIN.replace("附件 1", f"{rate}\n\n附件 1"))
    assert "文中有 1 个数与复算不符" in words_of(staff.get(place))
    report = words_of(staff.get(f"{place}?show=claims"))
    assert re.search(r"不符\s+5\s+比率.*85%\s+75%", report, re.DOTALL)
    assert "不符 1 个" in report
    assert "与复算不符" not in words_of(staff.get(hand_in(staff)))


def test_a_long_preview_is_cut_into_sheets_that_keep_the_view(staff, monkeypatch):
    monkeypatch.setattr(tables, "SHEET", 3)
    place = hand_in(staff)
    first = staff.get(f"{place}?show=new").text
    assert first.count("<mark>") == 3
    assert "第 1–3 条，共 7 条" in first
    following = unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
    assert "show=new" in following
    second = staff.get(following.partition("#")[0]).text
    assert "第 4–6 条" in second
    assert staff.get(f"{place}?page=999").text.count("<mark>") == 1
    assert staff.get(f"{place}?page=0").status_code == 400


def test_pasted_text_is_read_like_a_file(town, staff):
    answer = staff.post("/uploads", "/uploads", text=BULLETIN, title="补发通报", issued_on="2026-11-10")
    page = staff.get(answer.headers["location"])
    assert "<h1>补发通报</h1>" in page.text
    assert "2026-11-10 印发" in page.text
    assert "<b>7</b>新增" in page.text


def test_several_files_are_staged_and_the_unreadable_one_is_named(town, staff):
    good = ("files", ("一.txt", BULLETIN.encode("gb18030")))
    answer = staff.post("/uploads", "/uploads", files=[good, ("files", ("二.txt", NEXT.encode()))])
    assert answer.headers["location"] == "/uploads?staged=2"
    assert "2 份文件已待确认" in staff.get("/uploads?staged=2").text
    answer = staff.post("/uploads", "/uploads", files=[("files", ("空.txt", b"")), good])
    assert answer.status_code == 400
    assert "空.txt" in answer.text
    assert "其余 1 份已待确认" in answer.text
    assert len(staging.list_uploads(town.office)) == 3
    assert staff.post("/uploads/1/discard", "/uploads").headers["location"] == "/uploads"
    assert {upload.id for upload in staging.list_uploads(town.office)} == {2, 3}


def test_a_document_that_cannot_be_read_says_why_and_keeps_what_was_typed(town, staff):
    cases = [
        ({"files": ("kong.txt", b"")}, {"title": "季度通报"}, "kong.txt"),
        (None, {"title": "季度通报", "text": "市水务局没有日期的话"}, "请填写印发日期"),
        (
            {"files": ("a.txt", BULLETIN.encode())},
            {"title": "季度通报", "issued_on": "昨天"},
            "不是有效的日期",
        ),
        (None, {"title": "季度通报", "text": BULLETIN, "strict_units": "true"}, "未登记"),
        (None, {"title": "季度通报"}, "请选择文件，或粘贴正文"),
        ({"files": ("a.txt", BULLETIN.encode())}, {"title": "季度通报", "text": "另一份"}, "标题须留空"),
    ]
    for files, fields, words in cases:
        answer = staff.post("/uploads", "/uploads", files=files, **fields)
        assert answer.status_code == 400
        assert words in answer.text
        assert "--" not in re.sub(r"<[^>]+>", "", answer.text)
        assert 'value="季度通报"' in answer.text
        assert fields.get("text", "").strip()[-6:] in unescape(answer.text)
    assert staging.list_uploads(town.office) == []


def test_the_same_file_again_changes_nothing(town, staff):
    town.take_in()
    place = hand_in(staff)
    page = staff.get(place).text
    assert f"此文件已于 2026-11-17 10:00 由 {STAFF} 读入为《" in page
    assert 'href="/bulletins/1"' in page
    assert "确认读入" not in page
    answer = confirm(staff, place)
    assert "未作改动" in staff.get(answer.headers["location"]).text
    assert len(items(town)) == 7


def test_the_original_is_given_back_byte_for_byte(staff):
    content = BULLETIN.encode("gb18030")
    answer = staff.post("/uploads", "/uploads", files={"files": ("通报.txt", content)})
    confirm(staff, answer.headers["location"])
    original = staff.get("/bulletins/1/original")
    assert original.content == content
    assert original.headers["content-disposition"].startswith("attachment")
    assert staff.get("/bulletins/2/original").status_code == 404


def test_an_import_is_undone_with_a_reason_and_stays_in_the_ledger(town, staff):
    town.take_in()
    refused = staff.post("/bulletins/1/undo", "/bulletins/1", reason=" ")
    assert refused.status_code == 409
    assert "须写明理由" in refused.text
    assert staff.post("/bulletins/1/undo", "/bulletins/1", reason="读错了文件").status_code == 303
    assert items(town) == []
    assert f"{STAFF} 于 2026-11-17 10:00 撤回：读错了文件" in staff.get("/bulletins/1").text
    ledger = staff.get("/bulletins").text
    assert '<tr class="undone">' in ledger
    assert staff.get("/bulletins/2").status_code == 404


def test_an_import_that_was_worked_on_is_not_undone_and_names_the_items(town, staff):
    town.take_in()
    advance.perform(town.office, Event.SIGN, [2, 4], by=STAFF, now=town.now)
    refused = staff.post("/bulletins/1/undo", "/bulletins/1", reason="读错了文件")
    assert refused.status_code == 409
    assert re.findall(r"<p>请先看：.*", refused.text)[0].count('href="/items/') == 2
    assert ">读错了文件</textarea>" in refused.text
    assert len(items(town)) == 7


@pytest.mark.parametrize(
    "view",
    [
        "all",
        "corrections",
        *(pytest.param(v, marks=pytest.mark.slow) for v in ("context", "unassigned", "unread", "dropped")),
    ],
)
def test_what_a_document_says_never_becomes_markup(town, staff, view):
    evil = "<script>alert(1)</script>"
    text = BULLETIN.replace("节约用水", evil).replace("附件 1", f"{evil}\n\n附件 1")
    place = hand_in(staff, text, filename=f"{evil}.txt", title=evil)
    edit(staff, place, "f1", unit=evil, text=evil)
    correct(staff, place, "drop", "f0", reason=evil)
    page = staff.get(f"{place}?show={view}&edit=f2").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    confirm(staff, place)
    for address in ("/bulletins", "/bulletins/1", "/units"):
        assert "<script>" not in staff.get(address).text
        assert "&lt;script&gt;" in staff.get(address).text
