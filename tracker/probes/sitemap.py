"""What a site's sitemap.xml names: pages to which its navigation did not lead, opened in search of a column.

Must never fetch from another host because a sitemap names it, nor unpack or read without a limit: a sitemap
is a page like any other, within the budget, and one in gzip is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from tracker.probes.addresses import FetchError
from tracker.probes.document import is_document
from tracker.probes.finding import Search
from tracker.probes.sights import folder_of, host_of
from tracker.probes.visits import Visits
from tracker.probes.walk import Walk

_MOST_FILES = 5
_MOST_ADDRESSES = 50_000  # what the protocol allows one file
_FRONT_PAGES = frozenset({"", "index", "default", "list"})


def seek_beyond(walk: Walk, lost: list[Search], most: int) -> None:
    """Look for columns that no navigation led to on at most so many pages that only a sitemap names.

    A sitemap has addresses without names: each page has to be opened to be told what it is called.
    """
    if not lost or not most:
        return
    anew = [(search, Search(search.name, search.columns)) for search in lost]
    for sight in walk.beyond(islice(_likeliest(walk), most)):
        for search, again in anew if not is_document(sight) else ():
            again.look(sight)
            if again.is_settled:
                search.found, search.is_beyond = again.found, True
        if all(search.is_beyond for search in lost):
            return


def listed(visits: Visits, home: str) -> list[str]:
    """The addresses that the sitemaps of the host name, in their order. None that cannot be had is missed."""
    waiting, found = visits.sitemaps(home), dict[str, None]()
    for _ in range(_MOST_FILES):
        waiting = [url for url in waiting if host_of(url) == host_of(home) and not _is_packed(url)]
        if not waiting or len(found) >= _MOST_ADDRESSES:
            break
        is_index, addresses = _read(visits, waiting.pop(0))
        own = islice((url for url in addresses if host_of(url) == host_of(home)), _MOST_ADDRESSES)
        if is_index:
            waiting += own
        else:
            found |= dict.fromkeys(own)
    return list(found)


def _likeliest(walk: Walk) -> list[str]:
    """Pages that may be a column's: those at the head of a folder first, of these with documents below."""
    addresses = listed(walk.visits, walk.first.url)
    below = Counter(folder for url in addresses for folder in _folders(url))

    def order(url: str) -> tuple[bool, bool, int]:
        name = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
        folder = folder_of(url)
        return name not in _FRONT_PAGES, below[folder] < 2, folder.count("/")

    return sorted(filter(walk.is_unseen, addresses), key=order)


def _folders(url: str) -> Iterator[str]:
    """Every folder that the address lies in."""
    parts = folder_of(url).split("/")
    return ("/".join(parts[:length]) + "/" for length in range(1, len(parts)))


def _is_packed(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".gz")


def _read(visits: Visits, url: str) -> tuple[bool, Iterator[str]]:
    """Whether the file is an index of others, and the addresses in it; nothing of what is none."""
    try:
        page = visits.open(url)
        parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True)
        root = etree.fromstring(page.text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (FetchError, etree.XMLSyntaxError):
        return False, iter(())
    if page.status != 200 or root is None or host_of(page.url) != host_of(url):
        return False, iter(())
    texts = ((element.text or "").strip() for element in root.iter("{*}loc"))
    return etree.QName(root).localname == "sitemapindex", (text for text in texts if text)
