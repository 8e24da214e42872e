"""What a county calls itself (县, 区, 市) and the sections of its finance bureau (股, 科, 处): put into names and files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.profiles import Profile

#: The files that come with the package say 股; alone the character means too much to be touched.
_SECTION = re.compile("股(?=室|长)|(?<=预算|绩效|国库)股")
#: The same for 县, which stands in the names of places, roads and rivers too.
_COUNTY = re.compile("(?<=[本全各])县|县(?=委|政府|财政局|里)")


@dataclass(frozen=True, slots=True)
class Words:
    """A county's own words; the files that come with the package say 县 and 股."""

    county: str = "县"
    section: str = "股"

    @classmethod
    def of(cls, profile: Profile) -> Words:
        """Return the words that a profile sets."""
        return cls(profile.value("wording.county"), profile.value("wording.section"))

    def said(self, text: str) -> str:
        """Return a text with the county's words: 股室 is 科室, 预算股长 is 预算科长, 本县 is 本区."""
        return _COUNTY.sub(self.county, _SECTION.sub(self.section, text))

    def name(self, name: str) -> str:
        """Return the name of an office or a unit with the county's words: 经建股 is 经建科, 县教育局 is 区教育局."""
        if name.startswith("县"):
            name = self.county + name[1:]
        return name[:-1] + self.section if name.endswith("股") else self.said(name)
