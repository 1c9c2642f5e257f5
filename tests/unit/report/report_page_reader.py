"""Reads a report page as a browser's parser would: elements, attributes, table cells, scripts."""

import json
from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    """The elements of a page.

    Attributes:
        elements: Each start tag with its attributes.
        tables: Rows of cell texts by the table's class.
        scripts: Attributes and content of each script.
        text: What a reader sees, scripts and styles left out.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self._raw: str | None = None
        self._table: list[list[str]] = []
        self._in_cell = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._raw = tag
            if tag == "script":
                self.scripts.append((dict(attrs), ""))
        elif tag == "table":
            self._table = self.tables.setdefault(dict(attrs)["class"] or "", [])
        elif tag == "tr":
            self._table.append([])
        elif tag in ("td", "th"):
            self._table[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._raw = None
        elif tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._raw == "script":
            attributes, content = self.scripts[-1]
            self.scripts[-1] = (attributes, content + data)
        elif self._raw is None:
            self.text += data
            if self._in_cell:
                self._table[-1][-1] += data.strip()

    def figure(self, element_id: str) -> dict[str, Any]:
        """The Plotly figure that is in the page under this id."""
        contents = {attributes.get("id"): body for attributes, body in self.scripts}
        figure: dict[str, Any] = json.loads(contents[element_id])
        return figure
