# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""read -> compare -> plan -> apply -> result, for every module with `state`."""

from __future__ import annotations

import typing as t

from ._errors import PowerBIError
from ._module import Context, Result
from ._resource import C, Resource


def ensure(context: Context, resource: Resource[C], *, record: t.Callable[[C], None] | None = None) -> Result:
    """Read the resource and write what differs from its desired state. In check mode the plan is the result.

    ``record`` is called in check mode with a change, to record what it would create for later tasks of the run. A failure
    has the return values of `Resource.known`, and after a failed write those of `Resource.values_of_failure`.
    """
    context.known.update(resource.known())
    with resource.opened():
        change = resource.plan(context)
        if change.changed and context.check_mode:
            if record is not None:
                record(change)
        elif change.changed:
            try:
                resource.apply(change, context)
            except PowerBIError:
                context.known.update(resource.values_of_failure(change))
                raise
            context.mark_changed()
        return Result(change.changed, resource.values(change), resource.diff(change))
