"""What people may do with a task or a case beside deciding it: the menu of the pages, and each operation's dialog."""

from __future__ import annotations

from collections.abc import Mapping

from engine import messages
from web.operations.deadlines import ChangeDue, DecideExtension, Extend
from web.operations.model import Operation
from web.operations.moving import AnswerWithdrawal, AskWithdrawal, Return, Withdraw
from web.operations.paper import RegisterSignature
from web.operations.passing import Acknowledge, AddSigner, Delegate, HandBack, RemoveSigner, Transfer
from web.operations.telling import Copy, Follow, Unfollow, Urge

ON_TASKS: Mapping[str, Operation] = {
    one.name: one
    for one in (
        Return(),
        Transfer(),
        Delegate(),
        HandBack(),
        AddSigner(),
        RemoveSigner(),
        Acknowledge(),
        Extend(),
        DecideExtension(),
        ChangeDue(),
        Withdraw(),
        AskWithdrawal(),
        AnswerWithdrawal(),
        RegisterSignature(),
        Urge(),
    )
}
ON_CASES: Mapping[str, Operation] = {one.name: one for one in (Copy(), Follow(), Unfollow())}

messages.register(
    {
        "operation.no_day": {"zh": "请填写日期", "en": "Give a date"},
        "operation.no_person": {"zh": "请选择人员", "en": "Choose somebody"},
        "operation.no_opinion": {"zh": "请写下您的意见", "en": "Write your opinion"},
        "operation.no_file": {"zh": "请选择盖章的扫描件", "en": "Choose the stamped scan"},
        "operation.stale": {
            "zh": "您打开页面之后，这一项已有变化，请刷新后再试",
            "en": "This has changed since you opened the page; reload it and try again",
        },
    }
)
