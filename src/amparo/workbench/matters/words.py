"""Words for what tasks, exhibits and checklists name by a token."""

from django.utils.translation import gettext_lazy

from amparo.casework.exhibits import Doubt
from amparo.casework.safeguarding import Answer

ANSWERS = {
    Answer.YES: gettext_lazy("Yes"),
    Answer.NO: gettext_lazy("No"),
    Answer.NOT_KNOWN: gettext_lazy("Not known"),
    Answer.NOT_APPLICABLE: gettext_lazy("Does not apply"),
}
OUTCOMES = {"held": gettext_lazy("Took place"), "called-off": gettext_lazy("Called off")}
DOUBTS = {
    Doubt.GAP: gettext_lazy("The giver is not who had it before: a hand-over may be missing."),
    Doubt.BACKWARDS: gettext_lazy("Earlier than the hand-over written before it."),
    Doubt.BEFORE_SEIZURE: gettext_lazy("Earlier than the seizure."),
    Doubt.AHEAD: gettext_lazy("Later than the time at which it was written."),
    Doubt.SEAL: gettext_lazy("The seal is another one than before."),
}
