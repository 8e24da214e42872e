"""What a county calls the sections of its finance bureau (股, 科, 处): put into files when they are deployed."""

from __future__ import annotations

import re

#: The files that come with the package say 股; alone the character means too much to be touched.
_SECTION = re.compile("股(?=室|长)|(?<=预算|绩效|国库)股")


def worded(text: str, section: str) -> str:
    """Return ``text`` with the county's word for a section: 股室 is 科室, 预算股长 is 预算科长."""
    return _SECTION.sub(section, text)
