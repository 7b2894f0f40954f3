# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the versions of ansible-core that the collection supports (2.16 and newer)."""

from __future__ import annotations

import typing as t

from ansible.plugins.loader import module_loader
from ansible.release import __version__

CORE: t.Final = tuple(int(part) for part in __version__.split(".")[:2])
# From 2.19 on only strings that are tagged as trusted are templated; before, all that are not tagged as unsafe.
TEMPLATES_UNLESS_UNSAFE: t.Final = CORE < (2, 19)
# Before 2.19 the results of a loop's items are hidden from callbacks one by one, but not in the loop's own result.
SHOWS_HIDDEN_ITEMS_OF_LOOPS: t.Final = CORE < (2, 19)
# Before 2.19 a result that is hidden (no_log) loses its warnings, too.
HIDES_WARNINGS: t.Final = CORE < (2, 19)


def module_name(task: t.Any) -> str:
    """The module that a task names, without its collection, with redirects of meta/runtime.yml followed."""
    if CORE >= (2, 19) and task.resolved_action:
        return str(task.resolved_action).rpartition(".")[2]
    # Before 2.19, resolved_action is the action plugin.
    context = module_loader.find_plugin_with_context(task.action, collection_list=task.collections)
    return str(context.resolved_fqcn or task.action).rpartition(".")[2]


def unsafe(value: t.Any) -> t.Any:
    """A value from the service, such as a name with ``{{ }}``, so that ansible-core never takes it for a template."""
    if not TEMPLATES_UNLESS_UNSAFE:
        return value
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)
