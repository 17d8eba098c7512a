"""Decisions about behaviour of the service that nobody outside it has seen.

Each value is ours until somebody observes better, and stands in this one place so that
it can change. The numbers are those of the wire contract; a decision that is a rule
rather than a value is one function elsewhere whose docstring names its number.
"""

from typing import Final

D3_HEAD_LIKE_GET: Final = True
"""``HEAD`` on a ``GET`` route is answered like ``GET``, without a body."""

D16_CRON_YEARS: Final = 5
"""A cron expression that does not fire up to the end of this year from now on never does."""

D21_MESSAGE_ID_SHARD: Final = "shard-1"
"""Message ids take the service's short form, as if all came from one shard."""

D28_CANCEL_STATUS: Final = 202
"""Status of a successful cancellation (an older reference says so; a newer one 200)."""

D43_READABLE_AFTER_END_MS: Final = 1000
"""How long a finished message still answers GET, in ms of the fake's clock, inclusive."""

D44_STATE_KEYS_IN_MESSAGE: Final = True
"""Append ``state``, ``retried`` and their like to the message object."""

D62_STATUS_WITHOUT_RESPONSE: Final = 0
"""``responseStatus`` of a dead letter whose last attempt got no response."""

D65_MAX_LOG_COUNT: Final = 1000
"""Largest page of the log; a larger ``count`` is clamped to it."""

D65_MAX_DEAD_LETTER_COUNT: Final = 100
"""Largest page of the dead letter queue; a larger ``count`` is clamped to it."""

D98_REGION: Final = "EU-CENTRAL-1"
"""Region named in ``Upstash-Region`` unless configured otherwise."""

D104_MAX_ANSWERED_WAIT_MS: Final = 86_400_000
"""A wait asked for by the destination's answer is ignored beyond this."""

D14_MAX_LABELS: Final = 32
"""Most labels a message may have."""

D14_MAX_LABEL_LENGTH: Final = 256
"""Longest label, in characters."""

D19_MAX_REQUEST_BYTES: Final = 100 * 1024 * 1024
"""Largest API request as a whole; beyond it 413."""

D94_MAX_EXPRESSION_LENGTH: Final = 1000
"""Longest retry delay expression, in characters."""

D94_MAX_DELAY_MS: Final = 86_400_000
"""A retry delay expression that gives more is cut down to this."""

D14_MAX_DEDUPLICATION_ID_LENGTH: Final = 512
"""Longest deduplication id, in characters."""

D20_CALLS_PER_SECOND: Final = 100
"""Burst limit on management calls where one is switched on."""

D27_ENQUEUE_STATUS: Final = 201
"""Status of a successful enqueue."""

D27_BATCH_STATUS: Final = 201
"""Status of a batch, whatever became of its entries."""

D29_SCHEDULE_STATUS: Final = 200
"""Status of a schedule that was made or overwritten."""

D65_MAX_CANCEL_COUNT: Final = 500
"""Most messages that one bulk cancellation may be limited to."""

D65_V1_PAGE: Final = 100
"""Rows of a page in version 1: documented for tasks and logs, and so for all its lists."""

D71_GROUPED_LOG_COUNT: Final = 10
"""Messages on a page of the grouped log, unless asked otherwise."""

D95_PUBLICATION_WINDOW_MS: Final = 90 * 86_400_000
"""The same for publications, which is what version 1 of the API makes (documented)."""

D95_DEDUPLICATION_WINDOW_MS: Final = 600_000
"""How long after a publish another like it counts as its duplicate: up to, not including, this."""

D91_MAX_PERIOD_SECONDS: Final = 604_800
"""Longest period of a rate, in seconds: 7 days (documented; refused beyond it)."""

D127_V1_PUBLISH_STATUS: Final = 201
"""Status of a publish in version 1, whether it makes messages or a schedule."""

D128_V1_JSON_DELETIONS: Final = False
"""Whether deletions of version 1 are answered in JSON, as documented, or with the texts seen."""

D131_V1_NO_LIMIT: Final = 0
"""How version 1 writes a limit that a plan does not have."""
