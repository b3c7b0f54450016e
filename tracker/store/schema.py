"""All tables. `migrations/` must produce exactly these; a test compares them on both databases.

Must never hold a foreign key that no index leads with: deleting what it refers to would read the whole table.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from tracker.domain.lifecycle import State
from tracker.store.types import Moment, Sealed, SealedBytes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_STATES = ", ".join(f"'{state}'" for state in State)

unit = Table(
    "unit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("level", String(20), nullable=False),
    Column("parent", String(200), index=True),
    Column("site", Text),
    Column("confirmed", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

unit_alias = Table(
    "unit_alias",
    metadata,
    Column("alias", String(200), primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
)

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("corrections", JSON, nullable=False, default=dict),  # what a person put right in the preview
    Column("added_units", JSON, nullable=False, default=list),  # ids of the units that were unknown before
    Column("imported_at", Moment, nullable=False),
    Column("imported_by", String(100), nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String(100)),
    Column("undone_reason", Text),
    # A file counts once; an import that was undone stands in nobody's way.
    Index(
        "ix_bulletin_sha256",
        "sha256",
        unique=True,
        sqlite_where=Column("undone_at").is_(None),
        postgresql_where=Column("undone_at").is_(None),
    ),
)

item = Table(
    "item",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("bulletin_id", ForeignKey("bulletin.id"), nullable=False),
    Column("unit_id", ForeignKey("unit.id"), nullable=False),
    Column("unit_as_written", String(200), nullable=False),
    Column("domain", String(100)),
    Column("class", String(50), nullable=False),
    Column("text", Text, nullable=False),
    Column("quantity", Integer),
    Column("measure", String(20)),
    Column("identity", String(64), nullable=False),
    Column("recurs", ForeignKey("item.number")),
    Column("note", Text),
    # where it stands in the source
    Column("annex", String(50)),
    Column("row", Integer),
    Column("ordinal", Integer),
    Column("line", Integer, nullable=False),
    # where it stands in the workflow
    Column("state", String(20), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date),
    Column("due_at", Moment),
    Column("provisional", Boolean, nullable=False),
    Column("rule", JSON, nullable=False),
    Column("counted_from", Date),  # the day the rule counts from; NULL: the day of issue
    Column("ladder_id", Integer),  # the ladder as it was when the item started; NULL: today's
    Column("submitted_by", String(100)),
    Column("submitted_at", Moment),
    Column("finished_at", Moment),
    Column("closed_at", Moment),
    Column("extension_by", String(100)),
    Column("extension_to", Date),
    Column("extensions", Integer, nullable=False, default=0, server_default="0"),  # how often granted
    Column("deferred_until", Date),
    Column("objection_by", String(100)),  # who said that it is none, until another person decides
    Column("remaining", Integer),  # what the unit says is left of the quantity; NULL: it has not said
    Column("nudged_at", Moment),  # when a person last urged the unit
    # what is to be done next; NULL: nothing
    Column("next_reminder_at", Moment),
    Column("page_url", Text),
    Column("next_check_at", Moment),
    # what was seen last: written with each look, read by the queue of checks. No foreign keys: looks stay.
    Column("look_id", Integer),  # the last look that could tell
    Column("look_verdict", String(20)),
    Column("look_at", Moment),  # when it began
    Column("last_look_id", Integer),  # the last look of all
    Column("blind_looks", Integer, nullable=False, default=0, server_default="0"),  # since, in a row
    Column("looks_count_from", Moment),  # a look that began earlier tells nothing of how the item stands
    Column("look_asked_at", Moment),  # when a person last asked for a look
    # Cost follows what is due, not what is stored: only rows that wait stand in these two.
    Index(
        "ix_item_reminder",
        "next_reminder_at",
        "number",
        sqlite_where=Column("next_reminder_at").is_not(None),
        postgresql_where=Column("next_reminder_at").is_not(None),
    ),
    Index(
        "ix_item_check",
        "next_check_at",
        "number",
        sqlite_where=Column("next_check_at").is_not(None),
        postgresql_where=Column("next_check_at").is_not(None),
    ),
    # The queue of checks: what looks fixed, or was handed in and does not; and what nobody can see.
    Index(
        "ix_item_look",
        "look_verdict",
        "state",
        "number",
        sqlite_where=Column("look_verdict").is_not(None),
        postgresql_where=Column("look_verdict").is_not(None),
    ),
    Index(
        "ix_item_blind",
        "number",
        "blind_looks",
        sqlite_where=Column("blind_looks") > 0,
        postgresql_where=Column("blind_looks") > 0,
    ),
    # Covers the rates: unit, what is counted, and nothing read from the table itself.
    Index(
        "ix_item_rates",
        "unit_id",
        "state",
        "due_at",
        "finished_at",
        "deferred_until",
        "submitted_at",
        "issued_on",
    ),
    Index("ix_item_identity", "identity"),
    # The orders and filters of lists (`tracker.store.item_pages`): within a state, which every list narrows.
    # Beside them stands an index of the words, which each database keeps in its own way: see migration 0010.
    Index("ix_item_state_number", "state", "number"),
    Index("ix_item_state_due_on_number", "state", "due_on", "number"),
    Index("ix_item_due_on_number", "due_on", "number"),
    Index("ix_item_unit_id_number", "unit_id", "number"),
    Index("ix_item_domain_state_number", "domain", "state", "number"),
    Index("ix_item_class_state_number", "class", "state", "number"),
    Index("ix_item_bulletin_id_state_number", "bulletin_id", "state", "number"),
    Index(
        "ix_item_extension",
        "number",
        sqlite_where=Column("extension_to").is_not(None),
        postgresql_where=Column("extension_to").is_not(None),
    ),
    Index(
        "ix_item_objection",
        "number",
        sqlite_where=Column("objection_by").is_not(None),
        postgresql_where=Column("objection_by").is_not(None),
    ),
    # Few items recur. Without this, every item that goes is looked for in the whole table.
    Index(
        "ix_item_recurs",
        "recurs",
        sqlite_where=Column("recurs").is_not(None),
        postgresql_where=Column("recurs").is_not(None),
    ),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    sqlite_autoincrement=True,  # a number is never given twice, not even the last one after a deletion
)

sighting = Table(
    "sighting",
    metadata,
    # Where a document speaks of an item, as it was read, before any person put it right: by this the next
    # document that makes the same mistake finds the same item.
    Column("id", Integer, primary_key=True),
    Column("bulletin_id", ForeignKey("bulletin.id"), nullable=False, index=True),
    Column("item_number", ForeignKey("item.number"), nullable=False, index=True),
    Column("identity", String(64), nullable=False, index=True),
    Column("outcome", String(20), nullable=False),
    Column("quantity", Integer),
    Column("measure", String(20)),
    Column("annex", String(50)),
    Column("row", Integer),
    Column("ordinal", Integer),
    Column("line", Integer, nullable=False),
    Column("unit_as_written", String(200), nullable=False),
    Column("text", Text, nullable=False),
    # what the import wrote about an item that was tracked before; NULL: nothing, or it made the item
    Column("history_id", ForeignKey("history.id")),
    Index(
        "ix_sighting_history_id",
        "history_id",
        sqlite_where=Column("history_id").is_not(None),
        postgresql_where=Column("history_id").is_not(None),
    ),
)

upload = Table(
    "upload",
    metadata,
    # a document between its preview and the decision
    Column("id", Integer, primary_key=True),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("issued_on", Date),
    Column("title", Text),
    Column("strict_units", Boolean, nullable=False),
    Column("corrections", JSON, nullable=False),
    Column("reading_mark", String(64), nullable=False),  # which reading the corrections speak of
    Column("created_at", Moment, nullable=False, index=True),
    Column("created_by", String(100), nullable=False),
    sqlite_autoincrement=True,  # an old address must not open somebody else's document
)

ladder = Table(
    "ladder",
    metadata,
    # Each ladder that items were started with, once; an item keeps its own whatever the office changes.
    Column("id", Integer, primary_key=True),
    Column("code", String(50), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the content
    Column("content", JSON, nullable=False),
)

paper = Table(
    "paper",
    metadata,
    # A formal paper (督办函, 通报) that the ladder asks for: it goes out when a person has approved it.
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(100)),
    Column("decision", Text),
    CheckConstraint("state IN ('proposed', 'approved', 'rejected')", name="state"),
    sqlite_autoincrement=True,
)

paper_item = Table(
    "paper_item",
    metadata,
    Column("paper_id", ForeignKey("paper.id"), primary_key=True),
    Column("item_number", ForeignKey("item.number"), primary_key=True, index=True),
)

paper_series = Table(
    "paper_series",
    metadata,
    # The last number given in each series. Its row is the lock of the series; it only ever counts up.
    Column("kind", String(20), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

paper_document = Table(
    "paper_document",
    metadata,
    # What was issued for a paper: these very bytes are given out for ever. A void one keeps its number.
    Column("paper_id", ForeignKey("paper.id"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("serial", String(100), nullable=False),  # the number as it is printed
    Column("issued_at", Moment, nullable=False),
    Column("issued_by", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("pdf", LargeBinary),  # made of the content when somebody first asked for it
    Column("voided_at", Moment),
    Column("voided_by", String(100)),
    Column("void_reason", Text),
    UniqueConstraint("kind", "year", "number"),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    # No foreign key: what was done stays written when an import, and with it its items, is taken back.
    Column("item_number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("event", String(20), nullable=False),
    Column("reason", Text),
    Column("detail", JSON, nullable=False),
    # how the item stands after the event: any past moment can be counted from these
    Column("state", String(20), nullable=False),
    Column("due_on", Date),
    Column("due_at", Moment),
    Column("submitted_at", Moment),
    Column("finished_at", Moment),
    Column("deferred_until", Date),
    # SHA-256 of this row and the digest of the row before: whoever alters one breaks all that follow
    Column("digest", String(64), nullable=False),
    Index("ix_history_item_number_id", "item_number", "id"),
    Index("ix_history_at", "at"),
    # Few rows are returns: counting them must not read the others.
    Index(
        "ix_history_returned",
        "item_number",
        sqlite_where=Column("event") == "return",
        postgresql_where=Column("event") == "return",
    ),
    Index("ix_history_actor_id", "actor", "id"),
    Index("ix_history_event_id", "event", "id"),
    sqlite_autoincrement=True,
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_number", ForeignKey("item.number"), nullable=False, index=True),
    Column("history_id", ForeignKey("history.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("value", Text, nullable=False),
    Column("sha256", String(64)),
    Column("content", LargeBinary),
)

observation = Table(
    "observation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_number", ForeignKey("item.number"), nullable=False, index=True),
    Column("probe", String(50), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("checked_at", Moment, nullable=False),
)

screenshot = Table(
    "screenshot",
    metadata,
    # What a browser showed of the page that decided a look.
    Column("observation_id", ForeignKey("observation.id"), primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("taken_at", Moment, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("phone", Sealed),
    Column("wecom_userid", String(64), index=True),
    Column("robot", Sealed),
    Column("email", Sealed),
    UniqueConstraint("unit_id", "role", "name"),
)

link = Table(
    "link",
    metadata,
    # The one-tap link of one message: whose it is, until when, and on which phone it was opened first.
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("opened_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", String(100)),
    sqlite_autoincrement=True,  # an old link must not open somebody else's items
)

endpoint = Table(
    "endpoint",
    metadata,
    # One address of one channel: a robot, a telephone number. Its row is the lock of its queue: one message
    # at a time is on its way to it, whichever process carries it.
    Column("id", Integer, primary_key=True),
    Column("channel", String(30), nullable=False),
    Column("address", Sealed, nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),  # by which the sealed address is found
    Column("hint", String(200), nullable=False),  # the address as people may see it
    Column("created_at", Moment, nullable=False),
    Column("ready_at", Moment),  # when its next message may leave; NULL: none waits, or one is on its way
    Column("busy_until", Moment),  # the lease of the message on its way
    Column(
        "held_until", Moment
    ),  # nothing leaves before, whatever waits: a gap after a failure, a full minute
    Column("disabled_at", Moment),
    Column("disabled_by", String(100)),  # who did; NULL: the far side's refusal
    Column("reason", Text),
    Column("alarmed_at", Moment),
    Column("failing_since", Moment),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),  # in a row
    Column("last_error", Text),
    Column("tried_at", Moment),
    Column("accepted_at", Moment),
    Index(
        "ix_endpoint_ready",
        "ready_at",
        "id",
        sqlite_where=and_(Column("ready_at").is_not(None), Column("disabled_at").is_(None)),
        postgresql_where=and_(Column("ready_at").is_not(None), Column("disabled_at").is_(None)),
    ),
    Index(
        "ix_endpoint_busy",
        "busy_until",
        sqlite_where=Column("busy_until").is_not(None),
        postgresql_where=Column("busy_until").is_not(None),
    ),
    Index(
        "ix_endpoint_disabled",
        "disabled_at",
        sqlite_where=Column("disabled_at").is_not(None),
        postgresql_where=Column("disabled_at").is_not(None),
    ),
)

channel_pause = Table(
    "channel_pause",
    metadata,
    # A channel that refuses everything (a wrong password, no money left) rests until this moment.
    Column("channel", String(30), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("alarmed_at", Moment),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dedup", String(64), nullable=False, unique=True),
    Column(
        "letter", String(64), nullable=False, index=True
    ),  # the same for all parts and channels of one letter
    Column(
        "rank", Integer, nullable=False, default=0, server_default="0"
    ),  # 0: goes first; then what stands by
    Column("serial", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("recipient", String(300), nullable=False),
    Column("channel", String(30), nullable=False),
    Column("endpoint_id", ForeignKey("endpoint.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("payload", SealedBytes, nullable=False),
    Column("reason", Text, nullable=False),
    Column("segments", Integer),  # short messages charged for it; NULL: costs nothing
    Column("created_at", Moment, nullable=False),
    Column("send_after", Moment, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("calling", Boolean, nullable=False),  # the far side may have it: set just before the call
    Column("settled_at", Moment),
    Column("provider_id", String(200)),
    Column("error", Text),
    Column("decided_at", Moment),  # when a person, or the office's rule, decided about a failure
    Column("decided_by", String(100)),
    # The queue of each endpoint, in its order.
    Index(
        "ix_message_queue",
        "endpoint_id",
        "send_after",
        "id",
        sqlite_where=Column("state").in_(["pending", "sending"]),
        postgresql_where=Column("state").in_(["pending", "sending"]),
    ),
    Index(
        "ix_message_standby",
        "letter",
        "rank",
        sqlite_where=Column("state") == "standby",
        postgresql_where=Column("state") == "standby",
    ),
    # What asks for a decision.
    Index(
        "ix_message_open",
        "settled_at",
        sqlite_where=and_(Column("state").in_(["failed", "unknown"]), Column("decided_at").is_(None)),
        postgresql_where=and_(Column("state").in_(["failed", "unknown"]), Column("decided_at").is_(None)),
    ),
    Index(
        "ix_message_sending",
        "lease_until",
        sqlite_where=Column("state") == "sending",
        postgresql_where=Column("state") == "sending",
    ),
    Index(
        "ix_message_charged",
        "settled_at",
        "state",
        "segments",
        sqlite_where=Column("segments").is_not(None),
        postgresql_where=Column("segments").is_not(None),
    ),
    Index("ix_message_created_at", "created_at"),
    CheckConstraint(
        "state IN ('standby', 'pending', 'sending', 'accepted', 'failed', 'unknown', 'superseded')",
        name="state",
    ),
)

attempt = Table(
    "attempt",
    metadata,
    # Each call that was made, written before it: by these the limits of an endpoint are counted.
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("endpoint_id", ForeignKey("endpoint.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(20)),
    Column("error", Text),
    Index("ix_attempt_endpoint_id_started_at", "endpoint_id", "started_at"),
)

message_item = Table(
    "message_item",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("item_number", ForeignKey("item.number"), primary_key=True, index=True),
)

reminder = Table(
    "reminder",
    metadata,
    # The same rung of the same deadline never goes to the same recipient twice: the database says so.
    Column("item_number", ForeignKey("item.number"), primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("rung_at", Moment, primary_key=True),
    Column("recipient", String(300), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
)

fingerprint = Table(
    "fingerprint",
    metadata,
    # What was last worked by, as SHA-256: a rule file that differs has been edited since.
    Column("name", String(50), primary_key=True),
    Column("digest", String(64), nullable=False),
)

digest = Table(
    "digest",
    metadata,
    # What was said in a period to those of one scope: `all`, or `unit:` or `district:` and a unit's id, which
    # is no foreign key: what was said of a unit that is gone stays said.
    Column("period", String(10), primary_key=True),
    Column("scope", String(20), primary_key=True),
    Column("as_of", Moment, nullable=False),
    Column("published_at", Moment, nullable=False, index=True),
    Column("snapshot", JSON, nullable=False),
    Column("ledger", LargeBinary),  # the workbook as it went out; NULL: none did
)

watermark = Table(
    "watermark",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("at", Moment, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("error", Text),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(100), nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("role", String(20), nullable=False, server_default="staff"),  # see tracker.domain.people
    Column("created_at", Moment, nullable=False),
    Column("unit_id", ForeignKey("unit.id"), index=True),  # it sees this unit, and those below, and no other
    Column("wecom_userid", String(64), index=True, unique=True),  # in lower case: WeCom cares for no case
    Column("disabled_at", Moment),
    Column("totp_secret", Sealed),
    Column("totp_since", Moment),  # until a first code was given, the secret is not asked for
    Column("totp_step", Integer),  # the last half minute whose code was taken: none is good twice
)

session = Table(
    "session",
    metadata,
    # Of an account, of a contact who came by a link, or of one whom WeCom named.
    Column("id", Integer, primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), index=True),
    Column("link_id", ForeignKey("link.id"), index=True),
    Column("contact_id", ForeignKey("contact.id"), index=True),
    Column("csrf", String(64), nullable=False),
    Column("is_pending", Boolean, nullable=False),  # the second factor is still asked for
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    sqlite_autoincrement=True,
)

recovery_code = Table(
    "recovery_code",
    metadata,
    # Each stands in once for a lost telephone; hashed, and deleted when used.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    # Wrong sign-ins by account and by address, hashed: people type passwords where the name belongs.
    Column("key", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("locked_until", Moment),
)

press = Table(
    "press",
    metadata,
    # Each press of a card's button that was carried out: the far side repeats what it thinks was not heard.
    Column("key", String(64), primary_key=True),  # SHA-256 of who, when, which card and which button
    Column("at", Moment, nullable=False, index=True),
    Column("answer", Text, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    # One export that was taken in: what it was, what it covers, what came of it. Never the file itself: it
    # names people. Rows stay for good, so what refers to one needs no foreign key.
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("source", String(100), nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rejected_rows", Integer, nullable=False),
    Column("rejected", JSON, nullable=False),  # the first of them: row and reason
    Column("first_on", Date),
    Column("last_on", Date),
    Column("judged", JSON, nullable=False),  # codes of the classes that its columns can tell of
    Column("units", JSON, nullable=False),  # id of each unit in it → rows
    Column("doubts", JSON, nullable=False),  # why what it leaves out may not be gone
    Column("outcome", JSON, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("taken_by", String(100), nullable=False),
    Column("confirmed_at", Moment),  # when a person said that it is complete
    Column("confirmed_by", String(100)),
    UniqueConstraint("kind", "source", "sha256"),
    sqlite_autoincrement=True,
)

feed_case = Table(
    "feed_case",
    metadata,
    # One fault of one case, in which export it was seen first and last, and in which not any more. `digest`
    # stands for the case's number: nothing here says whose case it is.
    Column("source", String(100), primary_key=True),
    Column("fault", String(50), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False),
    Column("first_feed_id", Integer, nullable=False),
    Column("feed_id", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("gone_feed_id", Integer),
    Index("ix_feed_case_unit_id_fault", "unit_id", "fault"),
    Index(
        "ix_feed_case_standing",
        "source",
        "feed_id",
        sqlite_where=Column("gone_feed_id").is_(None),
        postgresql_where=Column("gone_feed_id").is_(None),
    ),
)

media_account = Table(
    "media_account",
    metadata,
    # The register of new-media accounts: what is on file beside what was seen.
    Column("id", Integer, primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("platform", String(50), nullable=False),
    Column("name", String(200), nullable=False),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
    Column("listed", String(100)),
    Column("registered", String(20), nullable=False),
    Column("observed", String(20), nullable=False),
    Column("last_post_on", Date, index=True),
    Column("seen_on", Date, nullable=False),
    Column("gone_on", Date),
    Column("verdict", String(30), nullable=False),
    Column("item_number", Integer),  # no foreign key: an import that is undone takes its items away
    Column("feed_id", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("page_url", Text),  # a public page that shows when the account posted last
    Column("next_look_at", Moment, index=True),  # NULL: it has no page
    Column("looked_at", Moment),  # the last look at the page that told the day
    Column("failing_since", Moment),  # NULL: the last look told it
    Column("page_look", JSON(none_as_null=True)),  # what the last look saw: evidence
)

watched_column = Table(
    "watched_column",
    metadata,
    # The columns of units' sites that are looked at each day, as the last look saw them.
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("page_url", Text),  # NULL: somewhere on the unit's site
    Column("newest_on", Date, index=True),
    Column("is_sure", Boolean, nullable=False),  # whether nothing newer can have been overlooked
    Column("checked_at", Moment),  # the last look that told the newest day
    Column("tried_at", Moment),
    Column("failing_since", Moment),  # NULL: the last look told it
    Column("finding", Text),  # what the last look saw, in Chinese
    Column("next_look_at", Moment, nullable=False, index=True),
    Column("item_number", Integer),  # the item opened from it; no foreign key, see media_account
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(100), nullable=False),
    UniqueConstraint("unit_id", "name"),
    sqlite_autoincrement=True,  # a warning must not speak of another column
)

watch_warning = Table(
    "watch_warning",
    metadata,
    # Of one newest post nobody is warned twice: the database says so.
    Column("kind", String(10), primary_key=True),  # account or column
    Column("subject_id", Integer, primary_key=True),
    Column("newest_on", Date, primary_key=True),
    Column("recipient", String(300), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("warned_at", Moment, nullable=False),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
)

revisit = Table(
    "revisit",
    metadata,
    # One look back at a struck-off item. It speaks of one strike-off: the next one has its own.
    Column("id", Integer, primary_key=True),
    Column("item_number", Integer, nullable=False, index=True),  # no foreign key, as in history
    Column("struck_off_at", Moment, nullable=False),
    Column("weeks", Integer),  # after the strike-off; NULL: a spot check wants it
    Column("spot_check_id", ForeignKey("spot_check.id")),
    Column("state", String(20), nullable=False),
    Column("due_at", Moment),
    Column("tries", Integer, nullable=False),
    Column("seen_at", Moment),
    Column("finding", Text),
    Column("decided_at", Moment),
    Column("decided_by", String(100)),
    Column("reason", Text),
    Column("new_number", Integer),
    Index(
        "ix_revisit_due",
        "due_at",
        "id",
        sqlite_where=Column("due_at").is_not(None),
        postgresql_where=Column("due_at").is_not(None),
    ),
    Index(
        "ix_revisit_to_decide",
        "id",
        sqlite_where=Column("state").in_(["proposed", "unsure"]),
        postgresql_where=Column("state").in_(["proposed", "unsure"]),
    ),
    Index("ix_revisit_spot_check_id", "spot_check_id"),
    CheckConstraint(
        "state IN ('due', 'again', 'proposed', 'fixed', 'unsure', 'reopened', 'dismissed', 'void')",
        name="state",
    ),
    sqlite_autoincrement=True,
)

spot_check = Table(
    "spot_check",
    metadata,
    # A random draw with all that it takes to recompute it.
    Column("id", Integer, primary_key=True),
    Column("seed", String(100), nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("per_unit", Boolean, nullable=False),
    Column("filters", JSON, nullable=False),  # how the population was chosen
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the population
    Column("population", LargeBinary, nullable=False),  # see tracker.domain.drawing; packed by zlib
    Column("drawn_at", Moment, nullable=False),
    Column("drawn_by", String(100), nullable=False),
    sqlite_autoincrement=True,
)

spot_check_item = Table(
    "spot_check_item",
    metadata,
    Column("spot_check_id", ForeignKey("spot_check.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # in the order of the draw, from 1
    Column("item_number", Integer, nullable=False, index=True),
    Column("result", String(10)),
    Column("note", Text),
    Column("decided_at", Moment),
    Column("decided_by", String(100)),
    Column("new_number", Integer),
    CheckConstraint("result IN ('fit', 'unfit')", name="result"),
)
api_token = Table(
    "api_token",
    metadata,
    # What lets another system use the JSON interface, hashed. It acts as `actor`: somebody on file, or, not
    # `is_person`, the system itself as the bureau's own.
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("actor", String(100), nullable=False),
    Column("is_person", Boolean, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", String(100)),
    sqlite_autoincrement=True,  # a key kept for an old token must not answer a new one
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    # What a write was answered, for whoever asks again because the answer was lost. Written in the
    # write's own transaction; `status` is NULL only inside it.
    Column("token_id", ForeignKey("api_token.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of what was asked for
    Column("status", Integer),
    Column("answer", Text),
    Column("etag", String(100)),
    Column("created_at", Moment, nullable=False, index=True),
)

webhook = Table(
    "webhook",
    metadata,
    # Another system that wants to hear what happens. Where, and the secret, its endpoint keeps sealed; the
    # cursors say up to where it was told.
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("endpoint_id", ForeignKey("endpoint.id"), nullable=False, index=True),
    Column("events", JSON, nullable=False),
    Column("history_id", Integer, nullable=False),
    Column("bulletin_id", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
    sqlite_autoincrement=True,
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    # The secret address of a unit's deadlines, or of one person's. Names, not keys: a unit may be merged into
    # another and a person leave, and the address is to follow the one and to be empty after the other.
    Column("id", Integer, primary_key=True),
    Column("unit", String(200), nullable=False),
    Column("person", String(100)),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", String(100)),
    sqlite_autoincrement=True,
)

saved_view = Table(
    "saved_view",
    metadata,
    # A list of items under a name: the filters, order and columns of its address.
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("query", Text, nullable=False),
    Column("owner", String(100), nullable=False, index=True),  # login
    Column("shared", Boolean, nullable=False),  # whether others see it too
    Column("starts", Boolean, nullable=False),  # whether its owner's list begins with it
    Column("created_at", Moment, nullable=False),
    Column("deleted_at", Moment),  # can be brought back for a while
    sqlite_autoincrement=True,  # an old address must not open somebody else's view
)
rate_snapshot = Table(
    "rate_snapshot",
    metadata,
    # Published figures. Rows are only ever added: a correction is a new one that names the one it corrects.
    Column("id", Integer, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", String(100), nullable=False),
    Column("corrects", ForeignKey("rate_snapshot.id"), index=True),
    Column("reason", Text),  # why the one before was wrong
    Column("figures", JSON, nullable=False),
    Column("items", Integer, nullable=False),  # how many stood in the list behind
    Column("list_digest", String(64), nullable=False),  # SHA-256 of that list
    Column("digest", String(64), nullable=False),  # SHA-256 of this row and the digest of the row before
    sqlite_autoincrement=True,
)
