# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make fuzz`: Hypothesis damages the corpus for a given time, and prints how many inputs each parser has read.

An input that a parser does not bear ends up, shrunk, in tests/output/fuzz; put it into the corpus with its repair.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
import traceback
import typing as t
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from fuzz.targets import NOT_FOR_THE_PARSER, TARGETS, seeds

OUTPUT: t.Final = Path(__file__).resolve().parents[1] / "output" / "fuzz"
SECONDS: t.Final = 5.0  # of CPU for one input
BYTES: t.Final = 3 * 1024**3  # of address space for all
BATCH: t.Final = 200
TOKENS: t.Final = (
    b"", b"\n", b"\t", b" ", b"'", b'"', b"```", b"{", b"}", b"[", b"]", b"<", b">", b"&a ", b"*a", b"!!int ", b"!!binary ",
    b"<<: ", b": ", b"- ", b"\xff", b"\xfe\xff", b"\0", b"\xed\xa0\x80", b"=", b"/*", b"//", b"null", b"NaN", b"1e999",
    b"9" * 5000, b"2024-02-30", b"PK\1\2", b"PK\5\6", b"<!DOCTYPE a>", b'="gb2312"', b"\\ud800", b"-----BEGIN", b"../", b"[" * 99,
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, corpus: list[bytes]) -> bytes:
    data = draw(st.sampled_from(corpus))
    for dummy in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        piece = draw(st.sampled_from(TOKENS) | st.binary(max_size=8))
        data = data[:start] + piece + data[start:end] * draw(st.integers(0, 3)) + data[end:]
    return data


class Fuzz:
    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs = 0
        self.last = b""
        self.corpus = seeds(name)

    def one(self, data: bytes) -> None:
        self.inputs += 1
        self.last = data
        begin = time.process_time()
        try:
            TARGETS[self.name](data)
        except PowerBIError as error:
            str(error)
        except NOT_FOR_THE_PARSER.get(self.name, ()):
            pass
        used = time.process_time() - begin
        if used > SECONDS:
            raise AssertionError(f"{used:.1f} s of CPU")

    def run(self, seconds: float) -> str:
        """Damage the corpus for so long. Returns the traceback of a failure, "" without one."""
        end = time.monotonic() + seconds
        number = int(time.time())
        while time.monotonic() < end:
            number += 1

            @seed(number)
            @settings(max_examples=BATCH, database=None, deadline=None, suppress_health_check=list(HealthCheck))
            @given(damaged(self.corpus) | st.binary(max_size=200))
            def batch(data: bytes) -> None:
                if time.monotonic() < end + 1:
                    self.one(data)

            try:
                batch()
            except Exception:
                return traceback.format_exc()
        return ""


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    names = sys.argv[2:] or list(TARGETS)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    failed = 0
    for name in names:
        fuzz = Fuzz(name)
        failure = fuzz.run(seconds / len(names))
        print(f"{name:12} {fuzz.inputs:8} inputs {'FAILED' if failure else 'ok'}", flush=True)
        if failure:
            failed += 1
            OUTPUT.mkdir(parents=True, exist_ok=True)
            path = OUTPUT / f"{name}-{hashlib.sha256(fuzz.last).hexdigest()[:12]}"
            path.write_bytes(fuzz.last)
            print(f"{failure}\ninput: {path}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
