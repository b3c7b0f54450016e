"""One-tap links from the command line: who has which, and ending them; the addresses are never shown."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Rectify
from tests.support import at
from tracker.bootstrap import build_office
from tracker.services import links
from tracker.settings import load_settings
from tracker.store import contacts, units
from tracker.store.vault import new_key


@pytest.fixture
def token(taken_in: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of the one link there is: of 市教育局's contact."""
    monkeypatch.setenv("TRACKER_SECRET_KEY", new_key())
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "https://zhenggai.yunlan.example/")
    office = build_office(load_settings())
    with office.database.write() as connection:
        unit = next(each for each in units.all_units(connection) if each.name == "市教育局")
        contacts.upsert(connection, unit_id=unit.id, role="联络员", name="李联", phone="13800000001")
        [contact] = contacts.find(connection)
        address = links.issue(connection, office, contact, at("2021-07-23 17:00"))
    office.database.close()
    assert address is not None
    return address.removeprefix("https://zhenggai.yunlan.example/t/")


def test_links_are_listed_with_their_owner_and_without_their_address(rectify: Rectify, token: str) -> None:
    said = rectify("links", "list", "--unit", "市教育局")
    assert said.json == {
        "links": [
            {
                "id": 1,
                "unit": "市教育局",
                "name": "李联",
                "role": "联络员",
                "state": "ready",
                "created_at": "2021-07-23T17:00:00+08:00",
                "expires_at": "2021-07-30T17:00:00+08:00",
                "opened_at": None,
                "revoked_at": None,
                "revoked_by": None,
            }
        ]
    }
    table = rectify("links", "list", as_json=False)
    assert "未使用" in table.out
    for each in (said, table):
        assert token[6:] not in each.out + each.err
    assert rectify("links", "list", "--unit", "市民政局").json == {"links": []}
    assert rectify("links", "list", now="2021-07-30T17:00").json["links"][0]["state"] == "expired"


def test_links_are_ended_by_number_or_by_person(rectify: Rectify, token: str) -> None:
    refused = rectify("links", "revoke", "2", "--by", "王海")
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_found")
    assert rectify("links", "revoke", "--name", "李联", "--by", "王海").status == 2
    assert rectify("links", "revoke", "--by", "王海").json["error"]["message"].endswith("写明单位")
    revoke = ("links", "revoke", "--unit", "市教育局", "--name", "李联", "--by", "王海")
    assert rectify(*revoke).json == {"revoked": [1]}
    [link] = rectify("links", "list").json["links"]
    assert (link["state"], link["revoked_by"]) == ("revoked", "王海")
    assert "已停用 0 条链接" in rectify(*revoke, as_json=False).out
