# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares recorded exchanges (``powerbi-emulator --record FILE``) with the official OpenAPI documents.

``python -m powerbi_emulator.conformance FILE --documents DIR``. It needs jsonschema, which the emulator does not.
"""
