# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Register secrets with ansible-core for masking, in versions that can mask them."""

from __future__ import annotations

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # ansible-core before 2.22 can't mask what a plugin returns

    def register_secret(value: str) -> str:
        return value


__all__ = ["register_secret"]
