"""What a text from a phone sets in motion: what it means, or what has to be asked first.

A keyword always means itself and leaves whatever was being asked. Else a digit answers what was
asked last; words answer a menu that asks for words; what is like a keyword is asked about; and what
is like nothing may be a call for help in somebody's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.dialogue.answers import BareAnswer, bare_answer
from service.dialogue.keywords import Between, Guess, Keywords, Match
from service.dialogue.spoken import is_done, is_thanks, yes_or_no
from service.text.mask import code_alone

from . import (
    asking,
    class_answers,
    consents,
    data_doings,
    proofs,
    team_doings,
    team_words,
    villager_doings,
    vouching,
    work_doings,
)
from .asking import Asked
from .class_doings import CLASS_DOINGS, by_topic, classes
from .desk import Desk, Doing
from .emergency_doings import EMERGENCY_DOINGS
from .people_doings import PEOPLE_DOINGS
from .roll_doings import ROLL_DOINGS
from .rota_doings import ROTA_DOINGS
from .walking import Walk
from .work_doings import WORK_DOINGS

LATE_ANSWER = "0"
"""Typed behind a digit it means the menu or question, not a request: "1 0"."""
WHATEVER_ELSE = frozenset({"opt_out", "emergency", "child"})
"""What is done for a number even before it is known whose it is."""
PLAIN_ANSWERS = frozenset({"done", "not_solved", "answer_safe"})
"""What may be said in answer to a question although it has a word of its own."""
LONGEST_DRAFT = 120
"""Characters of somebody's own words that are offered to the team."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Understands texts by the tables of keywords and topics, and walks people by SMS."""

    keywords: Keywords
    topics: Keywords
    walk: Walk

    def handle(self, desk: Desk, text: str) -> str:
        """Do what a text asks for and answer; return the intent, for the record."""
        speaker = desk.speaker()
        if speaker is not None and speaker.language:
            desk.language = speaker.language
        desk.is_at_work = team_doings.member_texting(desk) is not None
        reading = by_topic(self.keywords.understand(text, leads=desk.is_at_work), self.topics)
        asked = asking.recall(desk)
        if answered := vouching.answer(desk, text, asked):
            return answered
        if answered := class_answers.answer(desk, text, asked):
            return answered
        if self._answers_inquiry(desk, reading, asked) and (
            answered := work_doings.answer_plainly(desk, text)
        ):
            return answered
        if (code := code_alone(text)) and (desk.is_at_work or proofs.is_waiting(desk)):
            if asking.asked_whose(desk):
                return "whose"
            return self._do(desk, "code", code)
        if asked is not None and (digit := _spoken(asked, text)):
            return self._answered_in_words(desk, digit, asked)
        if isinstance(reading, Match):
            if reading.intent not in WHATEVER_ELSE and asking.asked_whose(desk):
                return "whose"
            # What is asked of a number silent for long waits; the code of XOA is an answer.
            keeps = asked is not None and asked.outlives(reading.intent)
            if reading.intent != "erase" and not keeps and not desk.is_stale():
                asking.forget(desk)
            return self._do(desk, reading.intent, reading.rest)
        answer = bare_answer(text)
        if answer is not None and not answer.words:
            return self._answered(desk, answer, asked)
        if asked and not asked.is_over and asked.menu and self.walk.takes_words(asked.menu):
            self.walk.answer(desk, asked.menu, text)
            return "menu"
        if asking.asked_whose(desk):
            return "whose"
        return self._ask(desk, reading, text)

    def _answers_inquiry(
        self, desk: Desk, reading: Match | Between | Guess | None, asked: Asked | None
    ) -> bool:
        """Say whether a text without a keyword answers what a member wants to know of a request.

        So it does when that was asked last of all. "Xong roi" is such an answer, too, from whoever
        has nothing to finish.
        """
        if isinstance(reading, Match):
            if desk.is_at_work or reading.intent not in PLAIN_ANSWERS:
                return False
        elif reading is not None:
            return False
        newest = work_doings.newest_inquiry(desk)
        if newest is None:
            return False
        others = [question.asked_at for question in villager_doings.open_questions(desk)]
        if asked is not None and not asked.is_over:
            others.append(asked.asked_at)
        return all(other < newest.asked_at for other in others)

    def _answered_in_words(self, desk: Desk, digit: str, asked: Asked) -> str:
        """Take yes or no, unless it may as well answer a newer question about a request."""
        questions = villager_doings.open_questions(desk)
        agrees = asked.is_about_consent and digit == "1"  # in words that fit nothing else
        if questions and asked.asked_at < questions[-1].asked_at and not agrees:
            villager_doings.ask_again(desk)
            return "which"
        return self._answer_asked(desk, BareAnswer(digit, None, ""), asked)

    def _answered(self, desk: Desk, answer: BareAnswer, asked: Asked | None) -> str:
        """Match a digit to what was really asked."""
        questions = villager_doings.open_questions(desk)
        newest = questions[-1].asked_at if questions else None
        if asked is not None and newest is not None and asked.yields_to(newest):
            asking.forget(desk)
            asked = None
        if asked is not None and not asked.is_over:
            if answer.number == LATE_ANSWER:
                return self._answer_asked(desk, answer, asked)
            if answer.number is None and (newest is None or asked.asked_at > newest):
                return self._answer_asked(desk, answer, asked)
            if answer.number is None and answer.digits in {"1", "2"}:
                numbers = villager_doings.done_numbers(desk)
                desk.reply("sms.which_question", {"number": numbers[0] if numbers else ""})
                return "which"
        if asked is not None and asked.is_over and not questions:
            asking.forget(desk)
            desk.reply("sms.too_late", {}, is_error=True)
            return "late"
        villager_doings.answer_solved(desk, answer.digits, answer.number)
        return "solved" if answer.digits == "1" else "not_solved"

    def _answer_asked(self, desk: Desk, answer: BareAnswer, asked: Asked) -> str:
        if asked.menu:
            self.walk.answer(desk, asked.menu, answer.digits)
            return "menu"
        meant = (asked.answers or {}).get(answer.digits)
        if meant is None:
            desk.reply("sms.not_an_answer", {}, is_error=True)
            return "not_an_answer"
        asking.forget(desk)
        return self._do(desk, *meant)

    def _ask(self, desk: Desk, reading: Between | Guess | None, text: str) -> str:
        """Ask what a text means that is like a keyword, or is somebody's own words."""
        if reading is None and (nod := self._nodded(desk, text)):
            return nod
        if isinstance(reading, Between):
            first, second = reading.intents
            answers = {"1": (first, reading.rest), "2": (second, reading.rest)}
            asking.ask(desk, "sms.between", {"first": first, "second": second}, answers)
            return "between"
        if isinstance(reading, Guess):
            answers = {"1": (reading.intent, reading.rest), "2": ("never_mind", "")}
            asking.ask(desk, "sms.guess", {"first": reading.intent}, answers)
            return "guess"
        draft = text[:LONGEST_DRAFT]
        word = self.keywords.match(text) if desk.is_at_work else None
        if answered := team_words.unclear(desk, word, text, draft):
            return answered
        if noted := team_doings.note_words(desk, text):
            return noted
        if villager_doings.home_of(desk) is None or not text.strip():
            villager_doings.not_understood(desk)
            return "unknown"
        answers = {"1": ("help", draft), "2": ("nothing", "")}
        asking.ask(desk, "sms.draft", {"words": draft}, answers)
        return "draft"

    def _nodded(self, desk: Desk, text: str) -> str | None:
        """Take thanks, and a yes or no that answers nothing, for what they are: no call for help.

        With a request waiting for "is it solved?" a nod may be the answer, so that is asked again.
        """
        said = yes_or_no(text)
        if said is None and not is_thanks(text):
            return None
        if villager_doings.open_questions(desk) and (said or is_done(text)):
            villager_doings.ask_again(desk)
            return "which"
        if said and desk.speaker() is not None:
            villager_doings.say(desk, "sms.nothing_asked")
        return "nod"

    def _do(self, desk: Desk, intent: str, rest: str) -> str:
        if intent == "help":
            self._help(desk, rest)
        elif intent in {"howto", "menu"}:
            self._how_to(desk, intent, rest)
        elif intent == "training":
            classes(desk, rest, self.topics)
        elif intent == "done" and not desk.is_at_work and villager_doings.open_questions(desk):
            villager_doings.answer_solved(desk, "1", rest or None)
        elif intent == "language":
            self._menu(desk, "language")
        elif intent == "status" and desk.is_at_work and not rest:
            self._status_of_member(desk)
        else:
            DOINGS[intent](desk, rest)
        return intent

    def _how_to(self, desk: Desk, intent: str, rest: str) -> None:
        """Send a guide; without one a member gets the words of their work, all others the menu."""
        if rest and villager_doings.guide(desk, rest, self.topics):
            return
        if intent == "howto" and desk.is_at_work:
            team_words.list_words(desk)
        else:
            self._menu(desk, None)

    def _help(self, desk: Desk, rest: str) -> None:
        if rest or villager_doings.home_of(desk) is None:
            villager_doings.help_with(desk, rest, self.topics)
        else:
            self._menu(desk, "topic")

    def _menu(self, desk: Desk, screen: str | None) -> None:
        """Show a screen of the menu; those we do not know get one text that says what to send."""
        if desk.speaker() is None:
            desk.reply("sms.stranger", {}, is_error=True)
        else:
            self.walk.start(desk, screen)

    def _status_of_member(self, desk: Desk) -> None:
        """Show a member what they asked for themselves, and their list of tasks."""
        member, own = team_doings.member_texting(desk), villager_doings.own_requests(desk)
        if own or member is None:  # taken out of the team this very moment
            villager_doings.status(desk, "")
        if member is not None:
            team_doings.own_tasks(desk, member, says_none=not own)


def _spoken(asked: Asked, text: str) -> str | None:
    """Read yes or no, said in words, as the digit that answers a question which takes them."""
    if asked.is_over or not asked.may_be_refused:
        return None
    return yes_or_no(text, to_consent=asked.is_about_consent)


def _nothing(desk: Desk, _rest: str) -> None:
    desk.reply("sms.dropped", {})


DOINGS: Mapping[str, Doing] = {
    "status": villager_doings.status,
    "not_solved": lambda desk, rest: villager_doings.answer_solved(desk, "2", rest or None),
    "news": villager_doings.read_news,
    "opt_out": consents.opt_out,
    "opt_in": consents.opt_in,
    "my_data": data_doings.my_data,
    "erase": data_doings.erase,
    "scam": villager_doings.scam,
    "child": lambda desk, _: villager_doings.say(desk, "sms.child"),
    "answer_safe": villager_doings.answer_safe,
    "accept": team_doings.accept,
    "done": team_doings.done,
    "broadcast": villager_doings.not_yet,
    **EMERGENCY_DOINGS,
    **WORK_DOINGS,
    **ROTA_DOINGS,
    **PEOPLE_DOINGS,
    **CLASS_DOINGS,
    **ROLL_DOINGS,
    # answers to questions of ours; no keyword leads here
    "nothing": _nothing,
    "never_mind": lambda desk, _: villager_doings.say(desk, "sms.never_mind"),
    "note": team_doings.note_on,
    "not_agreed": lambda desk, _: villager_doings.say(desk, "sms.not_agreed"),
    "agree": consents.agree_by_text,
    "still_me": lambda desk, _: villager_doings.still_me(desk),
    "not_me": lambda desk, _: villager_doings.not_me(desk),
    "send_unfinished": lambda desk, _: villager_doings.send_unfinished(desk, send=True),
    "drop_unfinished": lambda desk, _: villager_doings.send_unfinished(desk, send=False),
}
