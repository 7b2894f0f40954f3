# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The bindings of reports to semantic models during the import of their files."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content.item import REPORT, SEMANTIC_MODEL
from .._content.package import Package
from .._errors import ApiError, ForbiddenError, NotFoundError, OperationFailedError, PowerBIError
from .._http.retry import is_ambiguous_write
from .identity.description_annotation import Annotation, read, without_binding, write
from .remote import RemoteWorkspace


class ReportBindings:
    """Binds reports to the models of their files, and back. ``describe`` writes an item's description; ``remembers``:
    whether it contains the original binding meanwhile. ``written`` is called after each write."""

    def __init__(
        self,
        live: RemoteWorkspace,
        describe: t.Callable[[Item, str], Item],
        *,
        written: t.Callable[[], None],
        warn: t.Callable[[str], None],
        remembers: bool,
    ) -> None:
        self._live = live
        self._describe = describe
        self._written = written
        self._warn = warn
        self._remembers = remembers

    def bind_to_file(self, package: Package, targets: t.Sequence[Item]) -> dict[str, str]:
        """The original bindings to restore: ids of semantic models by the reports' ids.

        A .pbix with a model replaces only a report that is bound to that model; for any other it would create a duplicate.
        So such a report is bound to it during the import. Its description contains the original binding meanwhile, so that
        the next run can restore it if this one is killed.
        """
        report = next((target for target in targets if target.type == REPORT), None)
        if report is None:
            return {}
        own = next((target.id for target in targets if target.type == SEMANTIC_MODEL), package.model_id)
        described = read(report.description)
        annotation = described.annotation or Annotation()
        now = self._live.bindings().get(report.id, "")
        desired = annotation.bound or now
        if not desired or desired == own:
            return {}
        if package.has_model and now == desired:
            self._check_build(report, desired)
        if self._remembers:
            text = write(described.text, annotation._replace(bound=desired))
            if text is not None:
                self._describe(report, text)
            else:
                what = (
                    f"the description of {report.name}.{report.type} leaves no room to note what the report is bound to"
                )
                self._warn(f"{what}; if this run is stopped now, bind it again to the semantic model {desired} by hand")
        if package.has_model and now != own:
            self._live.reports.rebind(report.id, own)
            self._written()
        return {report.id: desired}

    def _check_build(self, report: Item, model_id: str) -> None:
        """Bind the report to its current model, to check that the caller may restore the binding later.

        No other request requires exactly the permission Build. Raises what the client raises; the report is unchanged.
        """
        try:
            self._live.reports.rebind(report.id, model_id)
        except (ForbiddenError, NotFoundError) as error:
            error.what = (
                f"{report.name}.{report.type} can't be imported: it is bound to the semantic model {model_id}, would be "
                f"moved to that of the file for the import, and could not be bound to the first again: {error.what}"
            )
            error.remedy = (
                "give the caller the permission Build on that model, or bind the report to the model of the file"
            )
            raise

    def restore_binding(self, report: Item, model_id: str) -> Item:
        self._live.reports.rebind(report.id, model_id)
        self._written()
        if not self._remembers:
            return report
        described = read(self._live.items.get(report.id).description)
        if described.annotation is None or not described.annotation.bound:
            return report
        return self._describe(report, without_binding(described))

    def restore(self, bound: t.Mapping[str, str]) -> None:
        """Restore the bindings after a rejected import. A failure is a warning: the import's error is reported."""
        for report_id, model_id in bound.items():
            report = self._live.with_id(report_id)
            if report is None:
                continue
            try:
                self.restore_binding(report, model_id)
            except PowerBIError as error:
                what = (
                    f"{report.name}.{report.type} is still bound to the semantic model of its file, not to {model_id}"
                )
                self._warn(f"{what}: {error}")


def is_refused(error: PowerBIError | OSError) -> bool:
    """Whether an import has certainly ended or never started: one that may still run needs the temporary binding."""
    if isinstance(error, ApiError):
        return not is_ambiguous_write(error)
    return isinstance(error, (OperationFailedError, OSError))
