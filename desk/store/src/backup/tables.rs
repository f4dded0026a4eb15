//! What a backup holds: every table with its columns, parents before those that name them. A test holds this list against the schema.

use super::Table;

/// Every table of the schema.
pub const TABLES: &[Table] = &[
    Table {
        name: "user",
        key: &["id"],
        texts: &[
            "id",
            "login",
            "login_fold",
            "name",
            "role",
            "password_hash",
            "agent_number",
            "agent_typology",
            "agent_dials",
            "agent_caller_id",
        ],
        integers: &["agent_wrapup_ms", "created_at", "updated_at", "version"],
    },
    Table {
        name: "phone",
        key: &["id"],
        texts: &["id", "name", "label", "ha1_md5", "ha1_sha256", "auto_answer", "dials"],
        integers: &["any_media_source", "created_at", "updated_at", "version"],
    },
    Table {
        name: "session",
        key: &["id"],
        texts: &["id", "token_sha256", "user_id", "phone_id"],
        integers: &["created_at", "last_seen_at", "expires_at"],
    },
    Table {
        name: "binding",
        key: &["phone", "contact"],
        texts: &["phone", "contact", "transport", "remote", "local", "instance", "call_id", "user_agent"],
        integers: &["cseq", "expires_at", "reachable", "created_at"],
    },
    Table {
        name: "queue",
        key: &["id"],
        texts: &["id", "name", "label", "strategy", "music", "consent", "caller_id"],
        integers: &["offer_ms", "wrapup_ms", "misses_pause", "max_wait_ms", "max_waiting", "record", "created_at", "updated_at", "version"],
    },
    Table { name: "membership", key: &["queue_id", "agent_id"], texts: &["queue_id", "agent_id"], integers: &["priority", "created_at"] },
    Table {
        name: "trunk",
        key: &["id"],
        texts: &["id", "name", "host", "transport"],
        integers: &["port", "max_calls", "max_calls_per_hour", "created_at", "updated_at", "version"],
    },
    Table {
        name: "outbound_route",
        key: &["id"],
        texts: &["id", "prefix", "class", "trunk_id", "caller_id", "consent"],
        integers: &["record", "created_at", "updated_at", "version"],
    },
    Table { name: "outbound_route_fallback", key: &["route_id", "place"], texts: &["route_id", "trunk_id"], integers: &["place"] },
    Table {
        name: "pause_reason",
        key: &["id"],
        texts: &["id", "name", "label"],
        integers: &["is_default", "paid", "created_at", "updated_at", "version"],
    },
    Table { name: "epoch", key: &["epoch"], texts: &["version"], integers: &["epoch", "started_at", "alive_at", "alive_mono_ms"] },
    Table { name: "fact", key: &["epoch", "seq"], texts: &["type", "call_id", "body"], integers: &["epoch", "seq", "at", "mono_ms"] },
    Table {
        name: "call",
        key: &["id"],
        texts: &[
            "id",
            "kind",
            "origin",
            "origin_id",
            "caller",
            "caller_name",
            "called",
            "connected",
            "queue_id",
            "agent_id",
            "ended_by",
            "reason",
            "recording_id",
            "body",
        ],
        integers: &["number", "started_at", "answered_at", "ended_at", "wait_ms", "ring_ms", "talk_ms"],
    },
    Table { name: "call_agent", key: &["call_id", "agent_id"], texts: &["agent_id", "call_id"], integers: &["started_at", "joined_at"] },
    Table {
        name: "recording",
        key: &["id"],
        texts: &["id", "call_id", "file", "queue_id", "agent_id", "caller", "called", "connected", "kind", "error"],
        integers: &["started_at", "stopped_at", "closed_at", "length_ms", "bytes", "gap_ms", "rating"],
    },
    Table {
        name: "sip_message",
        key: &["call_id", "at", "seq"],
        texts: &["call_id", "leg_id", "transport", "local", "remote", "message"],
        integers: &["seq", "at", "sent"],
    },
];
