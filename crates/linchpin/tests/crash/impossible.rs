//! What must hold of a store whatever happened before, on either engine.

/// Counts rows that must not be there; each is named for what it would mean.
pub const IMPOSSIBLE: [(&str, &str); 8] = [
    (
        "a visit with two sessions",
        "SELECT count(*) - count(DISTINCT client_reference_id) FROM link_session \
         WHERE client_reference_id LIKE 'visit-%'",
    ),
    (
        "a session whose version is not 1 and its history",
        "SELECT count(*) FROM link_session AS s WHERE version <> \
         1 + (SELECT count(*) FROM link_session_history AS h WHERE h.session_id = s.id)",
    ),
    (
        "a history that does not end where its session stands",
        "SELECT count(*) FROM link_session AS s JOIN link_session_history AS h \
         ON h.session_id = s.id AND h.version = s.version WHERE h.to_stage <> s.stage",
    ),
    (
        "a history with a gap or a step that begins where the one before did not end",
        "SELECT count(*) FROM link_session_history AS h WHERE h.version > 2 AND NOT EXISTS \
         (SELECT 1 FROM link_session_history AS b WHERE b.session_id = h.session_id \
          AND b.version = h.version - 1 AND b.to_stage = h.from_stage)",
    ),
    (
        "a history without a session",
        "SELECT count(*) FROM link_session_history WHERE session_id NOT IN (SELECT id FROM link_session)",
    ),
    (
        "a session that is over without an end, or ended without being over",
        "SELECT count(*) FROM link_session WHERE (ended_at IS NOT NULL) <> \
         (stage IN ('completed', 'cancelled', 'failed', 'expired', 'deleted'))",
    ),
    (
        "a completed session without its connection's history",
        "SELECT count(*) FROM link_session WHERE stage = 'completed' \
         AND id NOT IN (SELECT session_id FROM connection_history WHERE session_id IS NOT NULL)",
    ),
    (
        "a connection whose version is not the length of its history",
        "SELECT count(*) FROM connection AS c WHERE version <> \
         (SELECT count(*) FROM connection_history AS h WHERE h.connection_id = c.id)",
    ),
];
