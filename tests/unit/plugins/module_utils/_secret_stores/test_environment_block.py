# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The block of a profile in an environment file: all other lines stay, those within it too."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores import environment_lines as blocks

OTHERS = "DATABASE_URL=postgres://app:pw@db/app\n\n# mail\nSMTP_PASSWORD=only-here"
CLIENT, TENANT = 'POWERBI_CLIENT_ID="c"\n', 'POWERBI_TENANT_ID="t"\n'


def with_block(text: str, name: str, block: list[str] | None) -> str:
    return blocks.split(text, name).changed(name, block)


class TestBlock:
    def test_the_other_lines_stay(self) -> None:
        one = with_block(OTHERS, "prod", [CLIENT])
        assert one.startswith(OTHERS + f"\n# BEGIN ANSIBLE MANAGED BLOCK community.powerbi prod\n{CLIENT}# END ")
        two = with_block(one + "LAST=1\n", "prod", [CLIENT, TENANT])
        assert two.endswith(f"{TENANT}# END ANSIBLE MANAGED BLOCK community.powerbi prod\nLAST=1\n")
        assert with_block(two, "prod", None) == OTHERS + "\nLAST=1\n"

    def test_blocks_of_several_profiles(self) -> None:
        both = with_block(with_block("", "a", [CLIENT]), "b", [TENANT])
        assert with_block(both, "a", None) == with_block("", "b", [TENANT])

    @pytest.mark.parametrize("damage", ["# BEGIN", "# END"])
    def test_half_a_block_is_an_error(self, damage: str) -> None:
        whole = with_block("", "a", [CLIENT])
        half = "".join(line for line in whole.splitlines(keepends=True) if not line.startswith(damage))
        with pytest.raises(ValueError, match="damaged"):
            blocks.split(half, "a")

    def test_lines_of_others_that_set_the_same(self) -> None:
        text = "A=0\n" + with_block("", "a", ["A=1\n"]) + "export A=2\nB=3\n"
        assert blocks.others(text, "a", {"A"}) == [1, 5]


class TestForeignLines:
    """Lines that were added between the first and the last line of the block."""

    NOTE, KEY = "# ask the DBA first\n", 'TLS_KEY="-----BEGIN\nPOWERBI_CLIENT_ID=not-a-variable\n-----END"\n'

    @pytest.fixture
    def text(self) -> str:
        return with_block(OTHERS, "a", [CLIENT, self.NOTE, "\n", TENANT, self.KEY]) + "LAST=1\n"

    def test_they_have_their_lines_in_the_file(self, text: str) -> None:
        found = blocks.split(text, "a")
        assert found.own == [CLIENT, TENANT]
        assert [(entry.number, entry.text) for entry in found.foreign] == [(7, self.NOTE), (10, self.KEY)]

    def test_they_stay_when_the_block_goes(self, text: str) -> None:
        assert with_block(text, "a", None) == f"{OTHERS}\n{self.NOTE}{self.KEY}LAST=1\n"

    def test_they_stay_behind_the_block_when_it_changes(self, text: str) -> None:
        changed = with_block(text, "a", [CLIENT])
        assert changed.endswith(
            f"\n{CLIENT}# END ANSIBLE MANAGED BLOCK community.powerbi a\n{self.NOTE}{self.KEY}LAST=1\n"
        )
        assert with_block(changed, "a", [CLIENT]) == changed

    def test_one_that_has_no_end_takes_no_own_line_along(self) -> None:
        text = with_block("", "a", ['NOTE="open\n', CLIENT])
        assert with_block(text, "a", None) == 'NOTE="open\n'


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u2028b"])
def test_a_blank_or_multi_line_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="can't be written in one line"):
        blocks.markers(name)
