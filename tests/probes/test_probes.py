"""What every probe must hold to, and the website probe against a real server."""

from __future__ import annotations

import json
from ipaddress import ip_network

import pytest

from tests.fakes.website import Answer, FakeWebsite, endless, html, moved
from tests.probes.looks import HURRIED, target
from tracker.probes import Policy, Probe, Verdict, build_probes

LOCAL = Policy(allowed_networks=(ip_network("127.0.0.1/32"),), total_seconds=5, max_bytes=100_000)
PROBES = build_probes(LOCAL, limits=HURRIED)
COLUMN = "没有设置统计信息专栏。"
MENU = "".join(f'<a href="/{n}/">链接{n}</a> ' for n in range(6))


def test_names_are_unique_and_every_probe_has_classes() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES) > 0
    assert all(probe.name.isidentifier() and probe.classes for probe in PROBES)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
@pytest.mark.parametrize(
    "answer", [Answer(status=500), Answer(b"\x00\xff"), endless(), moved("http://10.0.0.1/")]
)
@pytest.mark.parametrize("text", [COLUMN, "", "<b>没有", "没有设置" * 500])
def test_a_failed_look_is_an_unsure_observation_with_a_chinese_summary(
    site: FakeWebsite, probe: Probe, answer: Answer, text: str
) -> None:
    site["/"] = answer
    for problem_class in probe.classes:
        seen = probe.look(target(problem_class, site.url("/"), text))
        assert seen.verdict is Verdict.UNSURE
        assert any("一" <= char <= "鿿" for char in str(seen.evidence["summary"]))
        assert json.loads(json.dumps(seen.evidence)) == seen.evidence


@pytest.mark.parametrize("probe", build_probes(Policy()), ids=lambda probe: probe.name)
@pytest.mark.parametrize("url", ["", "统计局官网", "http://127.0.0.1/", "file:///etc/hostname"])
def test_an_unusable_address_is_unsure_for_every_probe(probe: Probe, url: str) -> None:
    for problem_class in probe.classes:
        assert probe.look(target(problem_class, url, COLUMN)).verdict is Verdict.UNSURE


def test_the_column_is_seen_on_a_gbk_page_behind_a_redirect(site: FakeWebsite) -> None:
    site["/"] = moved("/zwgk/")
    body = f'<meta charset="gb2312">{MENU}<a href="tjxx/">统计信息</a>'.encode("gbk")
    site["/zwgk/"] = Answer(body, headers={"Content-Type": "text/html"})
    site["/zwgk/tjxx/"] = html(f'{MENU}<p><a href="1.html">一份文件</a> 2021-07-01</p>')
    seen = PROBES[0].look(target("missing_column", site.url("/"), COLUMN))
    assert seen.verdict is Verdict.FIXED
    assert (seen.evidence["url"], seen.evidence["final_url"]) == (site.url("/"), site.url("/zwgk/tjxx/"))
    assert seen.evidence["found"] == [
        {"name": "统计信息", "text": "统计信息", "link": site.url("/zwgk/tjxx/"), "documents": 0},
    ]


def test_a_page_without_the_column_is_not_fixed(site: FakeWebsite) -> None:
    site["/"] = html(MENU)
    seen = PROBES[0].look(target("missing_column", site.url("/"), COLUMN))
    assert seen.verdict is Verdict.NOT_FIXED
