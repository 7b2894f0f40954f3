# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Causes and remedies of the services' errors, as data. The first rule that applies is used: specific before general.

The rules are in ``error_rules_access`` (callers), ``error_rules_content`` (content) and
``error_rules_credentials`` (Graph and Key Vault); their order, and the rules for any error of a status, are here.
"""

from __future__ import annotations

import re
import typing as t

from .error_rule import ADD_TO_WORKSPACE, POWER_BI, REFUSED, Rule
from .error_rules_access import ROLE_RULES, TOKEN_RULES
from .error_rules_content import CAPACITY_RULES, CONTENT_RULES
from .error_rules_credentials import GRAPH_RULES, KEY_VAULT_RULES

_SUPPORT = "try again; if it stays so, open a support request with the request id"

_GENERAL: tuple[Rule, ...] = (
    Rule(
        "The service accepts 120 queries a minute of each caller, for all semantic models together",
        "run fewer queries, or raise `retry_timeout` beyond a minute",
        statuses=(429,),
        path=r"/executeQueries$",
    ),
    Rule("The service throttles this caller", "run fewer requests at once, or raise `retry_timeout`", statuses=(429,)),
    Rule(
        "The service throttles this caller",
        "run fewer requests at once, or raise `retry_timeout`",
        codes=("RequestBlocked",),
    ),
    Rule("The service is busy or down", "try again later, or raise `retry_timeout`", statuses=(502, 503, 504)),
    Rule(
        "The service failed; for models beyond 1 GB it does so where they are not in the large storage format",
        _SUPPORT,
        statuses=(500,),
        path=r"Default\.UpdateParameters",
    ),
    Rule("The service failed without naming a cause", _SUPPORT, codes=("UnknownError",)),
    Rule("The service failed", _SUPPORT, statuses=(500,)),
    Rule("It does not exist, or the caller may not see it", "check the id and the caller's role", statuses=(404,)),
    Rule("The caller may not do this", ADD_TO_WORKSPACE, statuses=REFUSED, apis=POWER_BI),
    Rule("The caller may not do this", "check what the caller is allowed to do there", statuses=REFUSED),
    Rule(
        "The service rejected the request as invalid",
        "correct what its text names; if it names nothing, open a support request with the request id",
        statuses=(400,),
    ),
)

RULES: tuple[Rule, ...] = (
    *TOKEN_RULES,
    *GRAPH_RULES,
    *KEY_VAULT_RULES,
    *CAPACITY_RULES,
    *CONTENT_RULES,
    *ROLE_RULES,
    *_GENERAL,
)

# Generic codes: another code of the same error takes precedence.
_GENERIC = frozenset(
    (
        *("badrequest", "invalidrequest", "invalidinput", "invalidparameter", "forbidden", "notfound", "conflict"),
        *("unknownerror", "internalservererror", "internalerror", "error", "unauthorized", "requestfailed"),
        *("generalexception", "request_badrequest", "badparameter", "detailsmessage"),
    )
)
_KNOWN = frozenset(code.lower() for rule in RULES for code in rule.codes)


def is_generic(code: str) -> bool:
    """Whether the code contains no more than the status."""
    return code.lower() in _GENERIC or bool(re.match(r"(0x[0-9a-f]+|\d+)\Z", code, re.IGNORECASE))


def is_known(code: str) -> bool:
    """Whether a rule names this code."""
    return code.lower() in _KNOWN and not is_generic(code)


def rule_for(status: int, code: str, message: str, request: str, api: str) -> Rule | None:
    """The rule that applies; ``request`` is "METHOD /path", empty for an operation, whose ``status`` is 0."""
    return next((rule for rule in RULES if _applies(rule, status, code.lower(), message, request, api)), None)


def _applies(rule: Rule, status: int, code: str, message: str, request: str, api: str) -> bool:
    def matches(pattern: str, text: str) -> t.Any:
        return re.search(pattern, text, re.IGNORECASE)

    return (
        (not rule.statuses or status in rule.statuses)
        and (not rule.codes or code in (rule_code.lower() for rule_code in rule.codes))
        and (not rule.message or bool(matches(rule.message, message)))
        and (not rule.path or bool(matches(rule.path, request)))
        and (not rule.apis or api in rule.apis)
    )
