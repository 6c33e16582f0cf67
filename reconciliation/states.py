"""States of a bank's file, of a line of the RKUD statement and of a settlement batch.

For: the tables that the one door (foundation.states) and the tests read.
Not for: outcomes of a settlement line, which are facts about it and never move.
"""

from foundation.states import Move, State, StateTable

__all__ = ["BATCH_STATES", "FILE_STATES", "LINE_STATES"]

# A refused file may be delivered again once its cause is gone, e.g. an account number that had not been set.
FILE_STATES = StateTable(
    "bank_file",
    initial="RECEIVED",
    states={
        "RECEIVED": State("Diterima", "Received"),
        "IMPORTED": State("Diimpor", "Imported", finished=True),
        "REFUSED": State("Ditolak", "Refused"),
    },
    moves=(
        Move("imported", "RECEIVED", "IMPORTED"),
        Move("refused", "RECEIVED", "REFUSED"),
        Move("delivered_again", "REFUSED", "RECEIVED"),
    ),
)

LINE_STATES = StateTable(
    "statement_line",
    initial="READ",
    states={
        "READ": State("Terbaca", "Read"),
        "WAITING": State("Menunggu berkas settlement", "Waiting for its settlement file"),
        "BOOKED": State("Dibukukan", "Booked", finished=True),
        "SUSPENSE": State("Belum Teridentifikasi", "Not yet identified"),
        "LISTED": State("Dicantumkan, tidak dibukukan", "Listed, not booked", finished=True),
        "CHECKED": State("Diperiksa, tidak dibukukan", "Checked, not booked", finished=True),
    },
    moves=(
        Move("waits", "READ", "WAITING"),
        Move("listed", "READ", "LISTED"),
        Move("checked", "READ", "CHECKED"),
        Move("booked", "WAITING", "BOOKED"),
        Move("put_in_suspense", "WAITING", "SUSPENSE"),
        Move("identified", "SUSPENSE", "BOOKED"),
    ),
)

BATCH_STATES = StateTable(
    "settlement_batch",
    initial="FORMED",
    states={
        "FORMED": State("Menunggu pelimpahan", "Waiting for its sweep"),
        "PART_CREDITED": State("Dilimpahkan sebagian", "Partly swept"),
        "CREDITED": State("Dilimpahkan", "Swept", finished=True),
    },
    moves=(
        Move("credited_in_part", "FORMED", "PART_CREDITED"),
        Move("credited", "FORMED", "CREDITED"),
        Move("credited_rest", "PART_CREDITED", "CREDITED"),
    ),
)
