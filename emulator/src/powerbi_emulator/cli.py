# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command ``powerbi-emulator``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from powerbi_emulator import __version__, service_profile
from powerbi_emulator.seed import Seed, SeedError

_FASTEST = 3600


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM. Returns 0 after a clean end, 1 with a line on stderr when it can't start."""
    options = _parser().parse_args(arguments)
    from powerbi_emulator.server import StartError, serve  # after the options: --help needs no server

    try:
        seed = Seed.load(options.seed)
        serve(
            options.port,
            options.dir,
            seed,
            options.record,
            service_hosts=options.service_hosts,
            profile=options.profile,
            time_scale=options.time_scale,
        )
    except (SeedError, StartError) as error:
        print(f"powerbi-emulator: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="powerbi-emulator",
        description="Emulator of Entra ID, Power BI and related services on https://localhost, for tests and trials.",
        epilog="Ends on SIGTERM or Ctrl-C. State is in memory: a restart, or POST /_emulator/reset, is the seed again.",
    )
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0 (default) is any free one")
    parser.add_argument(
        "--dir",
        type=Path,
        required=True,
        help="where ca.pem, env and the other credentials are written; keys in it are used again",
    )
    parser.add_argument("--seed", type=Path, help="YAML or JSON file that describes the tenant; default: Contoso")
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="append the requests to Power BI and Fabric and their responses, as JSON lines without secrets",
    )
    parser.add_argument(
        "--service-hosts",
        action="store_true",
        help="have the certificate name the services' own hosts, too (api.powerbi.com, ...), for clients with "
        "fixed hosts; a client that trusts ca.pem then trusts the emulator for them",
    )
    parser.add_argument(
        "--profile",
        choices=service_profile.names(),
        help="times and quota of the real services, as recorded and documented; default: none of both",
    )
    parser.add_argument(
        "--time-scale",
        type=_scale,
        default=1.0,
        metavar="N",
        help="let N seconds of the emulator pass in a second (60: an hour in a minute); with 0 its time stands still "
        "until POST /_emulator/advance moves it; default: 1",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, got '{text}'")
    return int(text)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale <= _FASTEST:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {_FASTEST}, got '{text}'")
    return scale
