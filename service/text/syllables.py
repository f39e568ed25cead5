"""Which words could be Vietnamese, by the way its syllables are spelt, without marks.

A Vietnamese word is a beginning (or none) and a rime, and there are only so many of each: 27 of the
one and, with the marks taken away, about 130 of the other. So "guip" and "xogn" are slips of a
finger, while "gui", "hong" and "toi" are words somebody meant.
"""

from __future__ import annotations

import re
from typing import Final

_BEGINNINGS: Final = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES: Final = """
    a ac ach ai am an ang anh ao ap at au ay
    e ec em en eng enh eo ep et eu ech
    i ia ich iec iem ien ieng iep iet ieu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oat oay oc oe oen oeo oet oi om on ong ooc oong op ot
    u ua uan uang uat uay uc ue uech uen uenh ui um un ung uo uoc uoi uom uon uong uop uot uou
    up ut uu uy uya uych uyen uyet uynh uyt uyu
    y yem yen yeng yet yeu
"""
_SYLLABLE: Final = re.compile(f"(?:{'|'.join(_BEGINNINGS.split())})?(?:{'|'.join(_RIMES.split())})")


def is_syllable(word: str) -> bool:
    """Say whether this could be a Vietnamese word; `word` is folded and in small letters."""
    return _SYLLABLE.fullmatch(word) is not None
