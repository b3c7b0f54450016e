"""The button 交办 on a bulletin's page."""

from __future__ import annotations

from tests.services.scenes import know, messages
from tests.web.conftest import Visitor


def test_the_button_hands_a_list_out_once_and_says_whom_it_reached(town, staff: Visitor) -> None:
    town.take_in()
    know(town.office, "市水务局,周水,联络员,13800000001,,,", "市体育局,郑体,联络员,13800000002,,,")
    answer = staff.post("/bulletins/1/hand-out", "/bulletins/1")
    assert answer.status_code == 303
    shown = staff.get(answer.headers["location"]).text
    assert "已交办，通知 2 人，消息在工作时间发出；1 个单位没有登记联络员" in shown
    assert [each.kind for each in messages(town.office)] == ["handout"] * 3
    again = staff.post("/bulletins/1/hand-out", "/bulletins/1")
    assert "已交办，没有需要新通知的人" in staff.get(again.headers["location"]).text
    assert len(messages(town.office)) == 3


def test_an_import_that_was_taken_back_has_no_button_and_is_not_handed_out(town, staff: Visitor) -> None:
    town.take_in()
    token = staff.token("/bulletins/1")
    staff.post("/bulletins/1/undo", "/bulletins/1", reason="印发有误")
    assert "交办" not in staff.get("/bulletins/1").text
    answer = staff.request("POST", "/bulletins/1/hand-out", data={"csrf": token})
    assert answer.status_code == 409
    assert "撤回，不能交办" in answer.text
    assert messages(town.office) == []
