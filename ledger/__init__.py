"""The ledger: a region's books, in double entry, by government accounting rules.

For: writing journal entries (the only package that does), the chart of accounts and its roles, balances, and pulling
entries out for BPKAD and auditors.
Not for: what a bill, payment or statement is; entries know roles, entities, partners and the uid of their source.

Two books stand in one entry: "F" (financial, accrual) and "A" (budget, cash). Entities are each Perangkat Daerah that
earns ("PD") and the one PPKD/BUD ("PPKD"). A posting has a side and a positive amount in sen.

Invariants, kept by the database against every writer (migrations/region/versions/0003_ledger.py)
- At commit an entry has exactly the postings it announced, two or more, and balances per book and per entity.
- RK postings name their counterpart, others have none; per pair of entities an entry's RK postings sum to zero.
- The application's role writes entries by `ledger_post` and `ledger_post_many` only; it may insert no row itself.
- Nothing is changed, removed or added afterwards: UPDATE, DELETE, TRUNCATE and late postings are refused.
- Only accounts of the deepest level take postings, of their own book, on dates they are valid.
- One key, one entry. The same key with the same content returns the first result; other content is refused.
- A closed month takes no entries; see `ledger.periods`, the room of periods, reversals and corrections.
- What an event posts is one of the 28 standard journals: `ledger.journals`, listed in `STANDARD_JOURNALS`.
- Books begin once per entity (`ledger.opening`); a year ends by entries too (`ledger.year_end`).
- What is recorded is sealed in a signed chain soon after, and verified against it: `ledger.sealing`.
- Readers page in the order (transaction, id) below the snapshot horizon: an entry that commits late is never skipped.

Dated rows (accounts, roles) hold until the next row of the same key. Loading a new one changes no old entry and no old
report: it begins after the last posting on its code, or on the account that its role had until then.

Views that others may read: `ledger_postings`, one row per posting: entry_id, entry_uid, kind, key, occurred_at,
accounted_on, recorded_at, source_kind, source_uid, line_no, book, entity, account_code, side, amount_sen, counterpart,
partner.
SQL functions: `ledger_post(...)` and `ledger_post_many(...)`, called by ledger.posting only; `ledger_ppkd()`, the code
of the region's PPKD or null.
"""

from ledger import journals
from ledger.balances import (
    AccountBalance,
    RoleMovement,
    TrialBalance,
    TrialBalanceLine,
    WrongSum,
    account_balances,
    balances_lag_behind,
    check_rollup,
    is_known_finally,
    known_until,
    list_wrong_sums,
    note_known,
    role_balance,
    role_movements,
    roll_balances,
    trial_balance,
)
from ledger.chart import ChartLoaded, load_chart
from ledger.consolidating import (
    ConsolidatedBalance,
    OneSidedEntry,
    RkPair,
    consolidated_balances,
    one_sided_entries,
    rk_pairs,
)
from ledger.drafts import EntryDraft, PostingDraft
from ledger.errors import (
    AccountTakesNoPostings,
    BooksRefused,
    CarriedEntryStands,
    ChartProblem,
    ChartRefused,
    ClosingEntryStands,
    CursorInvalid,
    EntityUnknown,
    EntryAlreadyReversed,
    EntryInvalid,
    EntryKeyReused,
    EntryNotSealed,
    EntryTooLarge,
    EntryUnbalanced,
    EntryUnknown,
    ExportImpossible,
    LedgerMoved,
    MomentAhead,
    PeriodAdjusting,
    PeriodBusy,
    PeriodClosed,
    PeriodNotOver,
    PeriodTooEarly,
    PpkdMissing,
    ProofInvalid,
    ReasonInvalid,
    RoleNotMapped,
    SealKeyNotCurrent,
    SealKeyUnusable,
    SealsEmpty,
    SnapshotUnknown,
    YearNotReady,
)
from ledger.journals import (
    assessment_issued,
    budget_recognised,
    credited_to_rkud,
    paid_at_partner,
    suspense_identified,
    suspense_returned,
    sweep_identified,
    unidentified_at_partner,
    unidentified_at_rkud,
)
from ledger.models import Account, Entity
from ledger.moments import Moment, take_moment
from ledger.opening import BooksOpened, open_balances
from ledger.owning import revenue_owner
from ledger.periods import (
    ADJUSTING_KINDS,
    Correction,
    Period,
    PeriodCheck,
    PeriodFault,
    Reversal,
    accounting_date,
    adjust_period,
    check_periods,
    close_period,
    correct_entry,
    find_reversal,
    get_period,
    list_periods,
    mirrored,
    reopen_period,
    reverse_entry,
)
from ledger.posting import PostedEntry, post_entries, post_entry
from ledger.pulling import (
    CSV_COLUMNS,
    EXPORT_FORMATS,
    AccountLedgerFilter,
    EntryFilter,
    EntryPage,
    Export,
    LedgerEntry,
    LedgerLine,
    LedgerPage,
    LedgerRow,
    csv_pieces,
    entry_as_dict,
    jsonl_pieces,
    list_account_ledger,
    list_entries,
    open_export,
    stream_entries,
)
from ledger.queries import (
    find_account,
    find_entity,
    get_entity,
    get_ppkd,
    list_accounts,
    list_entities,
    resolve_account,
)
from ledger.sealing import (
    Finding,
    ProvenEntry,
    SealedBlock,
    SealSigner,
    Verification,
    change_seal_key,
    check_proof,
    has_unsealed,
    key_id_of,
    list_seal_keys,
    load_signer,
    prove_entry,
    public_pem,
    read_head,
    read_proof,
    read_public_key,
    seal_head,
    seal_next,
    verify_ledger,
    write_sealed,
)
from ledger.standard_journals import STANDARD_JOURNALS, StandardJournal
from ledger.year_end import (
    OLD_YEAR_KIND,
    CodesCarried,
    YearClosed,
    budget_recognised_on,
    carry_to_codes,
    close_year,
)

__all__ = [
    # posting
    "EntryDraft",
    "PostedEntry",
    "PostingDraft",
    "post_entries",
    "post_entry",
    # standard journals
    "STANDARD_JOURNALS",
    "StandardJournal",
    "journals",
    "assessment_issued",
    "budget_recognised",
    "credited_to_rkud",
    "paid_at_partner",
    "suspense_identified",
    "suspense_returned",
    "sweep_identified",
    "unidentified_at_partner",
    "unidentified_at_rkud",
    # chart
    "Account",
    "ChartLoaded",
    "Entity",
    "find_account",
    "find_entity",
    "get_entity",
    "get_ppkd",
    "list_accounts",
    "list_entities",
    "load_chart",
    "resolve_account",
    # pulling
    "CSV_COLUMNS",
    "EXPORT_FORMATS",
    "AccountLedgerFilter",
    "EntryFilter",
    "EntryPage",
    "Export",
    "LedgerEntry",
    "LedgerLine",
    "LedgerPage",
    "LedgerRow",
    "Moment",
    "csv_pieces",
    "entry_as_dict",
    "jsonl_pieces",
    "list_account_ledger",
    "list_entries",
    "open_export",
    "stream_entries",
    "take_moment",
    # balances
    "AccountBalance",
    "RoleMovement",
    "TrialBalance",
    "TrialBalanceLine",
    "account_balances",
    "balances_lag_behind",
    "check_rollup",
    "is_known_finally",
    "known_until",
    "list_wrong_sums",
    "note_known",
    "WrongSum",
    "MomentAhead",
    "role_balance",
    "role_movements",
    "roll_balances",
    "trial_balance",
    # periods, reversals, corrections
    "ADJUSTING_KINDS",
    "Correction",
    "OneSidedEntry",
    "Period",
    "PeriodCheck",
    "PeriodFault",
    "Reversal",
    "accounting_date",
    "adjust_period",
    "check_periods",
    "close_period",
    "correct_entry",
    "find_reversal",
    "get_period",
    "list_periods",
    "mirrored",
    "reopen_period",
    "reverse_entry",
    # sealing
    "Finding",
    "ProvenEntry",
    "SealSigner",
    "SealedBlock",
    "Verification",
    "change_seal_key",
    "check_proof",
    "has_unsealed",
    "key_id_of",
    "load_signer",
    "prove_entry",
    "list_seal_keys",
    "public_pem",
    "read_head",
    "read_proof",
    "read_public_key",
    "seal_head",
    "seal_next",
    "verify_ledger",
    "write_sealed",
    # taking over, the year's end, consolidation
    "OLD_YEAR_KIND",
    "BooksOpened",
    "CodesCarried",
    "ConsolidatedBalance",
    "RkPair",
    "YearClosed",
    "budget_recognised_on",
    "carry_to_codes",
    "close_year",
    "consolidated_balances",
    "one_sided_entries",
    "open_balances",
    "revenue_owner",
    "rk_pairs",
    # refusals
    "AccountTakesNoPostings",
    "BooksRefused",
    "CarriedEntryStands",
    "ChartProblem",
    "ChartRefused",
    "ClosingEntryStands",
    "CursorInvalid",
    "EntityUnknown",
    "EntryAlreadyReversed",
    "EntryInvalid",
    "EntryKeyReused",
    "EntryTooLarge",
    "EntryNotSealed",
    "EntryUnbalanced",
    "EntryUnknown",
    "ExportImpossible",
    "LedgerMoved",
    "PeriodAdjusting",
    "PeriodBusy",
    "PeriodClosed",
    "PeriodNotOver",
    "PeriodTooEarly",
    "PpkdMissing",
    "ProofInvalid",
    "ReasonInvalid",
    "RoleNotMapped",
    "SealKeyNotCurrent",
    "SealKeyUnusable",
    "SealsEmpty",
    "SnapshotUnknown",
    "YearNotReady",
]
