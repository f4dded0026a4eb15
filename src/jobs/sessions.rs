//! Sessions that nobody uses any more.

use std::time::Duration;

use carillon_model::EndedBy;
use carillon_store::{self as store, Db};
use jiff::Timestamp;

use crate::dispatch::Acd;

const EVERY: Duration = Duration::from_secs(60);

/// Ends expired sessions, for ever: their agents are logged out, after the call if there is one, and their phones are free. An agent who
/// is signed in elsewhere as well stays logged in: the phone goes over to that session.
pub async fn end_expired_sessions(db: Db, acd: Acd) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = end_expired(&db, &acd).await {
            tracing::warn!(%error, "expired sessions could not be ended; trying again");
        }
    }
}

async fn end_expired(db: &Db, acd: &Acd) -> Result<(), store::Error> {
    let now = Timestamp::now();
    for session in store::session::expired(db, now).await? {
        let sessions = store::session::of_user(db, session.user).await?;
        let used = sessions.into_iter().filter(|other| other.expires_at > now).max_by_key(|other| other.last_seen_at);
        if session.phone.is_some() && used.is_none() {
            // An agent who is logged out already has nothing to lose.
            let _ = acd.log_out(session.user.into(), EndedBy::System).await;
        }
        let mut write = db.write().await?;
        if let (Some(phone), Some(used)) = (session.phone, used.filter(|used| used.phone.is_none())) {
            store::session::set_phone(&mut write, used.id, Some(phone)).await?;
        }
        store::session::delete(&mut write, session.id).await?;
        write.commit().await?;
    }
    Ok(())
}
