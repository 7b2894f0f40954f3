# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID, Power BI and their neighbours on localhost over TLS, with fault injection.

The map of the package::

    cli, server          start and end: sockets, TLS, the ready line, SIGTERM
    directory_files      what is written to the directory of ``--dir``: CA, keys, variables to export
    app                  the static list of route groups; the ASGI app
    front_middleware     what happens around each request: the log, faults, latency, the headers each service sends
    emulator_state, state/ everything that the emulator remembers; ``reset`` builds it anew from the seed
    seed                 reading a seed file, with errors that name file, key and expectation
    tokens, assertions   tokens that are issued, assertions that are verified
    *_errors, *_api      error bodies and callers of each imitated service
    routes/              one file for each group of routes
"""

__version__ = "0.1.0"
