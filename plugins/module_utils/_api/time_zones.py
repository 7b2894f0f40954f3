# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The IDs of Windows' time zones, which Power BI uses (Microsoft Learn, Default Time Zones; System.TimeZoneInfo.Id)."""

from __future__ import annotations

import difflib

from .._errors import ConfigError

_UTC = ("UTC", "UTC-11", "UTC-09", "UTC-08", "UTC-02", "UTC+12", "UTC+13")
# Without the ending " Standard Time", which they have in common.
_NAMES = """
Dateline; Aleutian; Hawaiian; Marquesas; Alaskan; Pacific; US Mountain; Mountain; Yukon; Central America; Central;
Easter Island; Canada Central; SA Pacific; Eastern; Haiti; Cuba; US Eastern; Turks And Caicos; Paraguay; Atlantic; Venezuela;
Central Brazilian; SA Western; Pacific SA; Newfoundland; Tocantins; E. South America; SA Eastern; Argentina; Greenland;
Montevideo; Magallanes; Saint Pierre; Bahia; Mid-Atlantic; Azores; Cape Verde; GMT; Greenwich; Sao Tome; Morocco; W. Europe;
Central Europe; Romance; Central European; W. Central Africa; Jordan; GTB; Middle East; Egypt; E. Europe; Syria; West Bank;
South Africa; FLE; Israel; South Sudan; Kaliningrad; Sudan; Libya; Namibia; Arabic; Turkey; Arab; Belarus; Russian; E. Africa;
Volgograd; Iran; Arabian; Astrakhan; Azerbaijan; Russia Time Zone 3; Mauritius; Saratov; Georgian; Caucasus; Afghanistan;
West Asia; Qyzylorda; Ekaterinburg; Pakistan; India; Sri Lanka; Nepal; Central Asia; Bangladesh; Omsk; Myanmar; SE Asia; Altai;
W. Mongolia; North Asia; N. Central Asia; Tomsk; China; North Asia East; Singapore; W. Australia; Taipei; Ulaanbaatar;
Aus Central W.; Transbaikal; Tokyo; North Korea; Korea; Yakutsk; Cen. Australia; AUS Central; E. Australia; AUS Eastern;
West Pacific; Tasmania; Vladivostok; Lord Howe; Bougainville; Russia Time Zone 10; Magadan; Norfolk; Sakhalin; Central Pacific;
Russia Time Zone 11; New Zealand; Fiji; Kamchatka; Chatham Islands; Tonga; Samoa; Line Islands
"""
_MEXICO = ("Pacific", "Mountain", "Central", "Eastern")


def _ids() -> dict[str, str]:
    names = [" ".join(name.split()) for name in _NAMES.split(";")]
    ids = [name if name.startswith("Russia Time Zone") else f"{name} Standard Time" for name in names]
    mexico = [f"{name} Standard Time (Mexico)" for name in _MEXICO]
    return {name.lower(): name for name in (*_UTC, *ids, *mexico)}


TIME_ZONES = _ids()


def windows_time_zone(name: str, option: str) -> str:
    """The ID in Windows' spelling. Raises ConfigError for an unknown one, such as an IANA name (Europe/Berlin)."""
    known = TIME_ZONES.get(name.strip().lower())
    if known is not None:
        return known
    close = difflib.get_close_matches(name.lower(), TIME_ZONES, 3)
    hint = f"; did you mean {' or '.join(TIME_ZONES[key] for key in close)}?" if close else ""
    raise ConfigError(
        f"{option} is {name!r}, which is no time zone ID of Windows",
        option=option,
        why="The service knows time zones by the IDs of Windows, not by those of IANA (Europe/Berlin)"
        if "/" in name
        else "",
        remedy=f"use UTC, W. Europe Standard Time and the like; `tzutil /l` lists them on Windows{hint}",
    )
