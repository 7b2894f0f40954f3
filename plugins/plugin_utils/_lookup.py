# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of the lookups: reads Ansible's options, opens a session, and raises the collection's errors as Ansible's.

Ansible parses a lookup's YAML documentation again in each fork, which costs more than the cached token. The lookups
therefore pass their option definitions to ansible-core before it parses (`register_options`). The definitions are built
from the table that the documentation is tested against.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleLookupError, AnsibleOptionsError
from ansible.plugins.lookup import LookupBase

from ansible_collections.community.powerbi.plugins.plugin_utils import _bytecode

_bytecode.install()

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    NoCredentialError,
    PowerBIError,
    defect_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._session import Session, open_session
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
    SHARED_OPTIONS,
    config_definitions,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource
from ansible_collections.community.powerbi.plugins.plugin_utils._run import show_prompt, show_warning, token_directory

_SOURCES = {"Direct": "option", "var": "vars"}


def register_options(plugin: str, own: dict[str, dict[str, t.Any]]) -> None:
    """Register the options of a lookup with ansible-core, so that it parses no YAML. To be called when the plugin is loaded."""
    if not C.config.has_configuration_definition("lookup", plugin):
        C.config.initialize_plugin_configuration_definitions("lookup", plugin, {**config_definitions(), **own})


class PowerBILookup(LookupBase):
    """Base of the lookups. ``OWN_OPTIONS`` are definitions beyond the shared ones."""

    OWN_OPTIONS: t.ClassVar[dict[str, dict[str, t.Any]]] = {}

    def configure(self, variables: dict[str, t.Any] | None, kwargs: dict[str, t.Any]) -> list[ConfigSource]:
        """The configuration sources that Ansible has: option, vars, ini. Raises AnsibleOptionsError for a wrong option."""
        self._refuse_unknown(kwargs)
        self.set_options(var_options=variables, direct=kwargs)
        found: dict[str, dict[str, t.Any]] = {"option": {}, "vars": {}, "ini": {}}
        for name in SHARED_OPTIONS:
            value, origin = self._value_and_origin(name, variables, kwargs)
            if value is None or origin == "default":
                continue
            source = _SOURCES.get(str(origin).partition(":")[0], "ini")
            if source == "vars":
                value = self._templar.template(value)  # variables reach a lookup untemplated, vaulted or not
            found[source][name] = value
        return [ConfigSource(name, values, True) for name, values in found.items() if values]

    def _value_and_origin(self, name: str, variables: t.Any, kwargs: dict[str, t.Any]) -> tuple[t.Any, t.Any]:
        """As get_option_and_origin, which before ansible-core 2.18 ignores keywords and variables."""
        try:
            found: tuple[t.Any, t.Any] = C.config.get_config_value_and_origin(
                name, plugin_type="lookup", plugin_name=self._load_name, variables=variables, direct=kwargs
            )
        except AnsibleError as error:
            raise AnsibleOptionsError(str(error)) from None
        return found

    def session(self, sources: list[ConfigSource]) -> Session:
        try:
            return open_session(
                sources, os.environ, cache_directory=token_directory(), notify=show_prompt, warn=show_warning
            )
        except NoCredentialError as error:
            if not error.why:
                error.why = "Lookups do not see module_defaults; they read variables such as powerbi_client_id"
            raise

    def _refuse_unknown(self, kwargs: dict[str, t.Any]) -> None:
        known = [
            *SHARED_OPTIONS,
            *self.OWN_OPTIONS,
            *(a for spec in SHARED_OPTIONS.values() for a in spec.get("aliases", ())),
        ]
        for name in kwargs:
            if name not in known:
                import difflib

                close = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {close[0]}?" if close else "see ansible-doc -t lookup for the options"
                raise AnsibleOptionsError(f"{name} is not an option of this lookup; {hint}")


@contextlib.contextmanager
def boundary() -> t.Iterator[None]:
    """The single place where the collection's errors become errors of a lookup."""
    try:
        yield
    except PowerBIError as error:
        raise AnsibleLookupError(str(error)) from None  # Ansible prints the texts of causes too
    except AnsibleError:
        raise
    except Exception as error:
        raise AnsibleLookupError(str(defect_of(error))) from None
