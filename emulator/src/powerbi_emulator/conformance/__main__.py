# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m powerbi_emulator.conformance RECORD... --documents DIR [--strict]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Print the report. Returns 0 without violations of the documents, 1 with violations, 2 if it can't be checked."""
    parser = argparse.ArgumentParser(
        prog="python -m powerbi_emulator.conformance",
        description="Compare a record of `powerbi-emulator --record FILE` with the official OpenAPI documents.",
    )
    parser.add_argument("record", type=Path, nargs="+")
    parser.add_argument("--documents", type=Path, required=True, help="directory with powerbi/ and fabric/")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="check rejected requests as well (tests of rejections send invalid ones)",
    )
    options = parser.parse_args(arguments)
    try:
        from powerbi_emulator.conformance.documents import Documents, DocumentsError
        from powerbi_emulator.conformance.report import check_records
    except ImportError as error:
        print(
            f"this needs jsonschema, which can't be imported ({error}): pip install 'jsonschema>=4.18'", file=sys.stderr
        )
        return 2
    try:
        report = check_records(options.record, Documents(options.documents), refused_requests=options.strict)
    except (DocumentsError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
