"""How much each part of a page holds, in one pass: the same as if each part were read by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker.probes.extents import extents_of, is_hidden
from tracker.probes.listing import parsed, words_of

PIECES = [
    *("<a href=1.html>", "<a href=2.html>", "<a>", "</a>", "<li>", "<ul>", "</ul>", "<tr><td>", "<table>"),
    *(
        "</table>",
        "<div hidden>",
        "<div>",
        "</div>",
        "<i style='display:none'>",
        "</i>",
        "<!-- x -->",
        "<?x y>",
    ),
    *("关于", "一份 文件", " ", "\n  ", "2021-07-23", "<br>", "<script>var x</script>", "<p>", "</p>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_each_extent_is_what_reading_the_part_itself_would_tell(markup: str) -> None:
    root = parsed(f"<p>首</p>{markup}")
    assert root is not None
    extents = extents_of(root)
    assert set(extents) == {each for a in root.iter("a") for each in (a, *a.iterancestors())}
    for element, extent in extents.items():
        links = list(element.iter("a"))
        assert extent.signs - len(words_of(element)) in (0, 1)  # the blank before it
        assert extent.raw == len(element.text_content())
        assert extent.parts == sum(isinstance(each.tag, str) for each in element.iter())
        assert extent.links == len(links)
        assert extent.hidden == is_hidden(element)
        distinct = {each.get("href") for each in links}
        assert extent.addresses <= distinct
        assert min(len(extent.addresses), 2) == min(len(distinct), 2)
