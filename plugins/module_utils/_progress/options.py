# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The options `progress` and `progress_file`."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError

PROGRESS: dict[str, dict[str, t.Any]] = {"progress": {"type": "bool"}, "progress_file": {"type": "path"}}
VARIABLE = "POWERBI_PROGRESS"
_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def shows_progress(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> bool:
    """Whether the task shows lines, by its option or the environment. Raises ConfigError for another word in the latter."""
    if "progress" not in params:
        return False
    own = params["progress"]
    word = environ.get(VARIABLE, "").strip()
    if own is not None or not word:
        return own is not False
    if word.lower() not in _WORDS:
        raise ConfigError(
            f"The environment variable {VARIABLE} is {word!r}, which is neither true nor false",
            option=VARIABLE,
            remedy=f"set {VARIABLE} to true or false, or remove it",
        )
    return _WORDS[word.lower()]
