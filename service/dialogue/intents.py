"""What a text can ask for. Which words ask for it stands in menus/keywords.yaml."""

from __future__ import annotations

from typing import Final

OPT_OUT: Final = "opt_out"

NEVER_GUESSED: Final = frozenset(
    {
        "erase",
        "emergency",
        "emergency_off",
        # a leader's: they reach other people
        "accept",
        "done",
        "forward",
        "forward_commune",
        "ask",
        "answer",
        "broadcast",
        "roll_call",
        "training_propose",
        "away",
        "back",
        "away_day",
        "away_from",
        "duty",
        "duty_offer",
        "duty_take",
        "hours",
        "hours_off",
        "add_person",
        "remove_person",
        "move_person",
        "add_household",
        "code",
        "pin",
    }
)
"""What must be typed as it is: a slip of a finger, or a sentence that only begins alike, never
leads here, not even by way of a question, for people answer 1 to a question they have not read."""

KNOWN_INTENTS: Final = NEVER_GUESSED | {
    "help",
    "howto",
    "menu",
    "training",
    "training_cancel",
    "cancel",
    "status",
    "news",
    OPT_OUT,
    "opt_in",
    "not_solved",
    "answer_safe",
    "language",
    "my_data",
    "scam",
    "child",
}
"""Everything that has words of its own; each must have some."""
