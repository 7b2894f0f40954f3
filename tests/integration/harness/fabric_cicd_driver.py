# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publish a folder with fabric-cicd, as its documentation shows it: a script of its own environment (.venv-peers).

Usage: fabric_cicd_driver.py WORKSPACE_ID FOLDER [ENVIRONMENT]; the rest from the environment variables of the emulator.
"""

from __future__ import annotations

import os
import sys

from azure.identity import ClientSecretCredential
from fabric_cicd import FabricWorkspace, constants, publish_all_items

TYPES = ["SemanticModel", "Report", "PaginatedReport"]


def main(workspace_id: str, folder: str, environment: str = "N/A") -> None:
    # Its way to another host; what names it in the environment takes only hosts of the public cloud.
    constants.DEFAULT_API_ROOT_URL = constants.FABRIC_API_ROOT_URL = os.environ["POWERBI_FABRIC_URL"]
    credential = ClientSecretCredential(
        os.environ["POWERBI_TENANT_ID"],
        os.environ["POWERBI_CLIENT_ID"],
        os.environ["POWERBI_CLIENT_SECRET"],
        authority=os.environ["POWERBI_AUTHORITY"],
        disable_instance_discovery=True,
    )
    workspace = FabricWorkspace(
        workspace_id=workspace_id,
        repository_directory=folder,
        item_type_in_scope=TYPES,
        environment=environment,
        token_credential=credential,
    )
    publish_all_items(workspace)


if __name__ == "__main__":
    main(*sys.argv[1:])
