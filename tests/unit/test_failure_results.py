# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of failures: the return values that are documented as returned always, or on failure, are in each failure."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process

MODULES: t.Final = Path(__file__).resolve().parents[2] / "plugins" / "modules"
APP: t.Final = "11111111-0000-4000-8000-000000000001"

# The options that each module requires. No service listens where the options of the connection point to.
OPTIONS: t.Final[dict[str, dict[str, t.Any]]] = {
    "powerbi_api": {"path": "/groups"},
    "powerbi_app_info": {},
    "powerbi_auth_profile": {"state": "absent", "name": "prod", "path": "{tmp}"},
    "powerbi_capacity_info": {},
    "powerbi_client_certificate": {"application": APP, "state": "absent", "key_ids": [APP]},
    "powerbi_client_secret": {"application": APP, "state": "absent", "key_ids": [APP]},
    "powerbi_content_info": {"src": "{tmp}/no-such-folder"},
    "powerbi_credential_file": {"path": "{tmp}/no-such-file.yml"},
    "powerbi_credential_info": {"application": APP, "graph": "always"},
    "powerbi_deploy": {"workspace": "Sales", "src": "{tmp}"},
    "powerbi_drift_info": {"workspace": "Sales", "src": "{tmp}"},
    "powerbi_environment_file": {"path": "{tmp}", "client_id": APP},
    "powerbi_export": {"workspace": "Sales", "dest": "{tmp}/export"},
    "powerbi_folder": {"workspace": "Sales", "name": "Daily"},
    "powerbi_gateway_info": {},
    "powerbi_hashi_vault": {"path": "powerbi/prod", "url": "https://127.0.0.1:9", "token": "a-token-of-a-vault"},
    "powerbi_import": {"workspace": "Sales", "src": ["{tmp}/Sales.pbix"]},
    "powerbi_item": {"workspace": "Sales", "name": "Sales", "type": "Report", "state": "absent"},
    "powerbi_item_info": {"workspace": "Sales"},
    "powerbi_key_vault_secret": {"vault_url": "https://contoso.vault.azure.net", "name": "powerbi", "value": "a-value"},
    "powerbi_key_vault_secret_info": {"vault_url": "https://contoso.vault.azure.net", "name": "powerbi"},
    "powerbi_query": {"workspace": "Sales", "semantic_model": "Sales", "queries": [{"query": "EVALUATE Orders"}]},
    "powerbi_refresh": {"workspace": "Sales", "semantic_model": "Sales"},
    "powerbi_refresh_schedule": {"workspace": "Sales", "semantic_model": "Sales"},
    "powerbi_semantic_model": {"workspace": "Sales", "semantic_model": "Sales"},
    "powerbi_semantic_model_info": {"workspace": "Sales"},
    "powerbi_token": {},
    "powerbi_workspace": {"name": "Sales"},
    "powerbi_workspace_access": {"workspace": "Sales", "principals": [{"principal": APP, "role": "Viewer"}]},
    "powerbi_workspace_info": {},
    # make resource: rows go above this line
}
CONNECTION: t.Final = {
    "tenant_id": "22222222-0000-4000-8000-000000000001",
    "client_id": APP,
    "client_secret": "a-secret-of-an-app",
    "authority": "https://127.0.0.1:9",
    "api_url": "https://127.0.0.1:9",
    "retry_timeout": 0,
    "timeout": 1,
}


def failed(name: str, tmp_path: Path) -> dict[str, t.Any]:
    def filled(value: t.Any) -> t.Any:
        if isinstance(value, list):
            return [filled(item) for item in value]
        return value.replace("{tmp}", str(tmp_path)) if isinstance(value, str) else value

    module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name}")
    options = {option: value for option, value in CONNECTION.items() if option in module.ARGUMENT_SPEC}
    result = run_in_process(
        module.ARGUMENT_SPEC,
        module.run,
        {**options, **{option: filled(value) for option, value in OPTIONS[name].items()}},
        name=name,
        check_mode=False,
        environ={},
        cache_directory=str(tmp_path / "run"),
        notify=lambda _text: None,
        **getattr(module, "RULES", {}),
    )
    assert result.get("failed"), result
    assert "error" in result, result  # not an error of Ansible's validation of options
    return result


def documented(name: str) -> dict[str, t.Any]:
    module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name}")
    values: dict[str, t.Any] = yaml.safe_load(module.RETURN)
    return values


def test_each_module_has_its_options_here() -> None:
    assert set(OPTIONS) == {path.stem for path in MODULES.glob("powerbi_*.py")}


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_values_that_are_returned_always_are_in_a_failure(name: str, tmp_path: Path) -> None:
    result = failed(name, tmp_path)
    assert result["error"]["kind"] != "defect", result
    always = {key for key, value in documented(name).items() if value["returned"] in ("always", "failure")}
    assert "error" in always
    assert sorted(always - result.keys()) == []


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_failure_has_no_value_that_is_not_documented(name: str, tmp_path: Path) -> None:
    own = {"failed", "changed", "msg", "invocation", "warnings"}
    assert sorted(failed(name, tmp_path).keys() - own - documented(name).keys()) == []


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_module_with_lists_of_failed_items_returns_them_always(name: str) -> None:
    values = documented(name)
    lists = [key for key in ("failed_items", "skipped_items", "unsupported_items", "api_calls") if key in values]
    assert [key for key in lists if values[key]["returned"] != "always"] == []
