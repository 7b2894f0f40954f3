# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulator of Entra ID, Power BI and related services on localhost over TLS, with fault injection.

The map of the package::

    cli, server          start and end: sockets, TLS, the ready line, SIGTERM
    directory_files      the files in the directory of ``--dir``: CA, keys, variables to export
    app                  the static list of route groups; the ASGI app
    front_middleware     middleware around each request: the log, faults, latency, the headers of each service
    emulator_state, state/ the state of the emulator; ``reset`` rebuilds it from the seed
    seed                 reading a seed file, with errors that name file, key and expectation
    tokens, assertions   tokens that are issued, assertions that are verified
    *_errors, *_api      error bodies and callers of each imitated service
    routes/              one file for each group of routes
"""

__version__ = "0.1.0"
