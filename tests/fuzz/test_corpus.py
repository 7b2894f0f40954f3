# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each file of the corpus goes through its parser: the collection's own error or none, in seconds and in little memory."""

from __future__ import annotations

import resource
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from fuzz.targets import CORPUS, NOT_FOR_THE_PARSER, TARGETS, scratch

FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
SECONDS = 5.0  # of CPU
KILOBYTES = 300_000


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> t.Iterator[None]:
    yield
    scratch().cleanup()


def test_each_target_has_a_corpus() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS)


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.name}" for path in FILES])
def test_corpus(path: Path) -> None:
    target = path.parent.name
    data = path.read_bytes()
    memory, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    message = "Remedy: none needed"
    try:
        TARGETS[target](data)
    except PowerBIError as error:
        message = str(error)
    except NOT_FOR_THE_PARSER.get(target, ()):
        pass
    assert "Remedy: " in message
    assert "defect" not in message
    assert time.process_time() - begin < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < KILOBYTES
