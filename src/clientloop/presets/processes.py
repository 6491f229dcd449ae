"""The five kinds of feedback."""

from clientloop.model.process import Process
from clientloop.presets.complaint import COMPLAINT
from clientloop.presets.idea import IDEA
from clientloop.presets.praise import PRAISE
from clientloop.presets.question import QUESTION
from clientloop.presets.referral import REFERRAL

PROCESSES: tuple[Process, ...] = (COMPLAINT, IDEA, QUESTION, PRAISE, REFERRAL)
