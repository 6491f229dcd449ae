"""The five kinds of feedback, and what nobody has sorted yet."""

from clientloop.model.process import Process
from clientloop.presets.complaint import COMPLAINT
from clientloop.presets.idea import IDEA
from clientloop.presets.praise import PRAISE
from clientloop.presets.question import QUESTION
from clientloop.presets.referral import REFERRAL
from clientloop.presets.unsorted import UNKNOWN

PROCESSES: tuple[Process, ...] = (COMPLAINT, IDEA, QUESTION, PRAISE, REFERRAL, UNKNOWN)
