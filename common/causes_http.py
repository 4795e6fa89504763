"""Causes of the transport, the same for every system."""

from common.causes import Cause, register

register(
    {
        "UNREACHABLE": Cause(
            "The other system cannot be reached",
            "Nothing to do if it passes: the hub tries again by itself. If not, check the address of the shop or "
            "connection and the network.",
            "administrator",
        ),
        "NO_ANSWER": Cause(
            "The other system did not answer",
            "Nothing to do: before the hub tries again it looks whether the record was created after all.",
            "administrator",
        ),
        "PRIVATE_ADDRESS": Cause(
            "The address is inside a private network",
            "Nothing was sent. Write a public address on the channel; if the host is meant, have an administrator add "
            "it to HUB_ALERT_HOSTS.",
            "administrator",
        ),
    }
)
