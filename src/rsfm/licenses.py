"""SPDX identifiers of the licences that papers' code, weights and data come under."""

from __future__ import annotations

import re

SPDX = frozenset(
    {"0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause"}
    | {"BSD-3-Clause", "BSD-3-Clause-Clear", "BSL-1.0", "C-UDA-1.0", "CC-BY-2.0", "CC-BY-3.0", "CC-BY-4.0"}
    | {"CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0"}
    | {"CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0"}
    | {"CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "CECILL-2.1", "ECL-2.0", "EPL-2.0"}
    | {"EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only"}
    | {"LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "MS-PL", "MulanPSL-2.0"}
    | {"NCSA", "OFL-1.1", "ODC-By-1.0", "ODbL-1.0", "OGL-UK-3.0", "OSL-3.0", "PDDL-1.0", "PostgreSQL", "Unlicense"}
    | {"UPL-1.0", "WTFPL", "Zlib", "etalab-2.0"}
)
"""Add an identifier here when one is met that spdx.org/licenses has."""

OTHER_NAMES = {"gpl30": "GPL-3.0-only", "gplv3": "GPL-3.0-only", "agpl30": "AGPL-3.0-only", "apache": "Apache-2.0"}


def unknown_license(name: str) -> str | None:
    """What is wrong with a licence that is neither an SPDX identifier nor a LicenseRef, nor another spelling of one."""
    if name in SPDX or re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", name) or canonical_license(name):
        return None
    return "unknown"


def canonical_license(name: str) -> str | None:
    """The SPDX identifier that another spelling means; None where it means none, or is one."""
    if name in SPDX:
        return None
    plain = _plain(name)
    return {_plain(known): known for known in SPDX}.get(plain) or OTHER_NAMES.get(plain)


def _plain(name: str) -> str:
    return re.sub(r"(license|licence|version|[^a-z0-9])", "", name.lower())
