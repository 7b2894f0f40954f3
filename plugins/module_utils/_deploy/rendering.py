# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rendering of reports: translates the option `render` of powerbi_export into the body of ExportTo."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._api.names import matching, not_found, unique
from .._content.item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL
from .._errors import ConfigError, listed
from .._guid import is_guid, normalise_guid
from .remote import RemoteWorkspace

_BOTH, _REPORTS, _PAGINATED = (REPORT, PAGINATED_REPORT), (REPORT,), (PAGINATED_REPORT,)


class Form(t.NamedTuple):
    """``format`` is the value for ExportTo; ``suffix`` of the file; ``types`` of items that can be rendered in it."""

    format: str
    suffix: str
    types: tuple[str, ...]


# The value of the option `content` -> its form.
FORMS: t.Final[dict[str, Form]] = {
    "pdf": Form("PDF", "pdf", _BOTH),
    "pptx": Form("PPTX", "pptx", _BOTH),
    "png": Form("PNG", "png", _REPORTS),
    "accessible_pdf": Form("ACCESSIBLEPDF", "pdf", _PAGINATED),
    "csv": Form("CSV", "csv", _PAGINATED),
    "docx": Form("DOCX", "docx", _PAGINATED),
    "image": Form("IMAGE", "tiff", _PAGINATED),  # or the value of the format setting OutputFormat
    "mhtml": Form("MHTML", "mhtml", _PAGINATED),
    "xlsx": Form("XLSX", "xlsx", _PAGINATED),
    "xml": Form("XML", "xml", _PAGINATED),
}

# The options that apply to one of the two kinds of reports only.
_OWN: t.Final[dict[str, tuple[str, ...]]] = {
    REPORT: ("pages", "bookmark", "bookmark_state", "locale", "hidden_pages", "filter", "semantic_model"),
    PAGINATED_REPORT: ("parameters", "format_settings"),
}
_KINDS: t.Final = {REPORT: "Power BI reports", PAGINATED_REPORT: "paginated reports"}

_BOOKMARK: dict[str, dict[str, t.Any]] = {"bookmark": {"type": "str"}, "bookmark_state": {"type": "str"}}
_ONE_BOOKMARK = [("bookmark", "bookmark_state")]
_NAMES: dict[str, t.Any] = {"type": "list", "elements": "str"}

RENDER_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "pages": {
            "type": "list",
            "elements": "dict",
            "options": {"page": {"type": "str", "required": True}, "visual": {"type": "str"}, **_BOOKMARK},
            "mutually_exclusive": _ONE_BOOKMARK,
        },
        **_BOOKMARK,
        "locale": {"type": "str"},
        "hidden_pages": {"type": "bool"},
        "filter": {"type": "str"},
        "semantic_model": {"type": "str", "aliases": ["dataset"]},
        "identities": {
            "type": "list",
            "elements": "dict",
            "options": {
                "username": {"type": "str", "required": True},
                "roles": _NAMES,
                "custom_data": {"type": "str"},
                "semantic_models": {**_NAMES, "aliases": ["datasets"]},
                "identity_blob": {"type": "str", "no_log": True},
            },
        },
        "parameters": {"type": "dict"},
        "format_settings": {"type": "dict"},
    },
    "mutually_exclusive": _ONE_BOOKMARK,
}


class Rendering:
    """Renders reports of one workspace in the form ``content`` (one of `FORMS`), with the option ``render``.

    Raises ConfigError for options that the form does not have, and for semantic models that do not exist.
    """

    def __init__(self, live: RemoteWorkspace, content: str, render: t.Mapping[str, t.Any] | None) -> None:
        self._live = live
        self.form = FORMS[content]
        self._options = {name: value for name, value in (render or {}).items() if value is not None}
        for kind, names in _OWN.items():
            given = [name for name in names if name in self._options]
            if given and kind not in self.form.types:
                raise ConfigError(
                    f"render.{given[0]} is for {_KINDS[kind]}, of which {content} is not made",
                    option="render",
                    remedy="leave it out, or choose another content",
                )
        self._model = self._model_id(self._options.get("semantic_model"), "render.semantic_model")
        self._identities = [self._identity(one) for one in self._options.get("identities") or ()]
        if len(self._identities) > 1 and self.form.types == _PAGINATED:
            raise self._one_identity()

    def refusal(self, item: Item) -> str:
        """Why an item can't be rendered in this form, empty if it can."""
        if item.type in self.form.types:
            return ""
        return f"the service makes {self.form.format} of {_KINDS[self.form.types[0]]} only"

    def request(self, item: Item) -> dict[str, t.Any]:
        """The body of ExportTo for a report. Reads its pages and its binding where they are needed.

        Raises ConfigError for pages that it does not have.
        """
        if item.type == PAGINATED_REPORT:
            key, configuration = "paginatedReportConfiguration", self._of_paginated()
        else:
            key, configuration = "powerBIReportConfiguration", self._of_report(item)
        given = {name: value for name, value in configuration.items() if value not in (None, [], {})}
        return {"format": self.form.format, **({key: given} if given else {})}

    def _of_report(self, item: Item) -> dict[str, t.Any]:
        options = self._options
        settings = {"locale": options.get("locale"), "includeHiddenPages": options.get("hidden_pages")}
        return {
            "settings": {name: value for name, value in settings.items() if value is not None},
            "datasetToBind": self._model or None,
            "defaultBookmark": _bookmark(options),
            "reportLevelFilters": [{"filter": options["filter"]}] if options.get("filter") else [],
            "pages": self._pages(item) if options.get("pages") else [],
            "identities": [self._with_models(one, item) for one in self._identities],
        }

    def _of_paginated(self) -> dict[str, t.Any]:
        if len(self._identities) > 1:
            raise self._one_identity()
        values = [
            {"name": name, "value": _text(one)}
            for name, value in (self._options.get("parameters") or {}).items()
            for one in (value if isinstance(value, list) else [value])
            if one is not None
        ]
        settings = {name: _text(value) for name, value in (self._options.get("format_settings") or {}).items()}
        return {"identities": self._identities, "formatSettings": settings, "parameterValues": values}

    def _pages(self, item: Item) -> list[dict[str, t.Any]]:
        """The requested pages by their names in the service; users see the display names."""
        known = self._live.reports.pages(item.id)
        found = []
        for desired in self._options["pages"]:
            text = desired["page"]
            named = [page for page in known if page.name == text]
            shown = named or [page for page in known if page.display_name.casefold() == text.casefold()]
            if len(shown) != 1:
                names = listed(f"{page.name} ({page.display_name})" for page in known)
                raise ConfigError(
                    f"{'several pages are' if shown else 'no page is'} called {text!r} in {item.name}",
                    option="render",
                    why=f"Its pages: {names}",
                    remedy="give one of these names in render.pages",
                )
            one = {"pageName": shown[0].name, "visualName": desired.get("visual"), "bookmark": _bookmark(desired)}
            found.append({name: value for name, value in one.items() if value is not None})
        return found

    def _identity(self, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        models = [
            self._model_id(name, "render.identities.semantic_models") for name in given.get("semantic_models") or ()
        ]
        blob = given.get("identity_blob")
        identity = {
            "username": given["username"],
            "roles": given.get("roles"),
            "customData": given.get("custom_data"),
            "datasets": models,
            "identityBlob": {"value": blob} if blob else None,
        }
        return {name: value for name, value in identity.items() if value not in (None, [])}

    def _with_models(self, identity: dict[str, t.Any], item: Item) -> dict[str, t.Any]:
        """An identity without a semantic model applies to the model of the report."""
        model = self._model or self._live.bindings().get(item.id, "")
        return identity if "datasets" in identity or not model else {**identity, "datasets": [model]}

    def _model_id(self, name_or_id: str | None, option: str) -> str:
        """The id of a semantic model: an id may be one of another workspace, a name is one of this."""
        if not name_or_id:
            return ""
        if is_guid(name_or_id):
            return normalise_guid(name_or_id)
        models = [item for item in self._live.all() if item.type == SEMANTIC_MODEL]
        found = unique(matching(models, name_or_id), "semantic model", name_or_id, lambda item: item.id, option)
        if found is None:
            raise not_found("semantic model", name_or_id, option, "give one of the workspace, or the id of another one")
        return found.id

    @staticmethod
    def _one_identity() -> ConfigError:
        return ConfigError(
            "render.identities has more than one, but a paginated report is rendered as a single one",
            option="render",
            remedy="give one, and render the reports of each kind in a task of their own",
        )


def _bookmark(options: t.Mapping[str, t.Any]) -> dict[str, str] | None:
    if options.get("bookmark"):
        return {"name": options["bookmark"]}
    return {"state": options["bookmark_state"]} if options.get("bookmark_state") else None


def _text(value: t.Any) -> str:
    """A value of a parameter or setting as text, as ExportTo requires."""
    return str(value).lower() if isinstance(value, bool) else str(value)
