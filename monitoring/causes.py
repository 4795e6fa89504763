"""Why a message to a channel was not delivered."""

from common.causes import Cause, register

register(
    {
        "MAIL_NOT_SET_UP": Cause(
            "E-mail is not set up",
            "Write EMAIL_HOST and what belongs to it in the environment (docs/operations.md), restart, send a test.",
            "administrator",
            "admin:monitoring_channel_changelist",
        ),
        "MAIL_REFUSED": Cause(
            "The mail server did not take the message",
            "Check the EMAIL_ settings and the recipients of the channel; the hub tries again by itself.",
            "administrator",
            "admin:monitoring_channel_changelist",
        ),
        "CHANNEL_ADDRESS": Cause(
            "The webhook's address may not be called",
            "Correct the address of the channel: https, and no host inside a private network.",
            "administrator",
            "admin:monitoring_channel_changelist",
        ),
        "CHANNEL_REFUSED": Cause(
            "The webhook's receiver did not take the message",
            "Check the address of the channel, and that the receiver still accepts messages; the hub tries again by "
            "itself.",
            "administrator",
            "admin:monitoring_channel_changelist",
        ),
        "CHANNEL_SECRET": Cause(
            "The address or secret of the channel does not open",
            "Enter both again on the channel, or put the old key back in HUB_SECRET_KEYS.",
            "administrator",
            "admin:monitoring_channel_changelist",
        ),
    }
)
