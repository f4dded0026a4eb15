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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use carillon_acd::{Event, Setup};
    use carillon_model::{
        Agent, AutoAnswer, CallId, CallToAcd, DialRights, IdSource, MediaSecurity, Number, Phone, PhoneId, Role, SessionId, Typology, User,
        UserId,
    };
    use carillon_store::{
        DigestSecret,
        session::{Kind, Session},
    };

    use super::*;
    use crate::{
        calls::Calls,
        clock,
        journal::{self, Journal},
    };

    /// A19.
    #[tokio::test]
    async fn an_expired_session_frees_no_phone_that_is_in_a_call() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.expect("a database");
        let journal = Journal::start(db.clone(), clock::now, journal::Settings::new(folder.path().join("spool"), folder.path(), "1"))
            .await
            .expect("a journal");
        let now = Timestamp::now();
        let mut ids = IdSource::new(1);
        let (user, phone) = (UserId::new(ids.next(now)), PhoneId::new(ids.next(now)));
        let agent = Agent {
            number: Number::new("201"),
            typology: Typology::External,
            wrapup_ms: None,
            dials: DialRights::usual(),
            caller_id: None,
            remote_control: true,
            alias: None,
            parts: carillon_model::Parts::default(),
            logs_in_paused: false,
        };
        let anna = User {
            id: user,
            login: "anna".into(),
            name: "Anna".into(),
            role: Role::Agent,
            email: None,
            disabled: false,
            agent: Some(agent.clone()),
        };
        let desk = Phone {
            id: phone,
            name: "1001".into(),
            label: "Desk".into(),
            any_media_source: false,
            auto_answer: AutoAnswer::Off,
            dials: DialRights::inside(),
            media_security: MediaSecurity::default(),
        };
        let long_ago = now - Duration::from_secs(60);
        let session = Session {
            id: SessionId::new(ids.next(now)),
            user,
            kind: Kind::Desktop,
            phone: Some(phone),
            address: None,
            program: None,
            by_provider: false,
            works_since: None,
            created_at: long_ago,
            last_seen_at: long_ago,
            expires_at: long_ago,
        };
        let mut write = db.write().await.expect("a turn");
        store::user::insert(&mut write, &anna, "hash", now).await.expect("a user");
        let secret = DigestSecret { ha1_md5: "0".repeat(32), ha1_sha256: "0".repeat(64) };
        store::phone::insert(&mut write, &desk, &secret, now).await.expect("a phone");
        store::session::insert(&mut write, &session, "token").await.expect("a session");
        write.commit().await.expect("a commit");

        let (acd, mut task) = Acd::new(carillon_acd::Acd::new(1));
        let setup = Setup {
            queues: Vec::new(),
            agents: vec![(user.into(), agent)],
            memberships: Vec::new(),
            phones: vec![desk],
            restart_wrapup_ms: 0,
            outside_wrapup_ms: 0,
            release_unreachable_ms: None,
        };
        task.prepare(setup, Vec::new());
        tokio::spawn(task.run(Arc::new(Calls::default()), journal));
        acd.tell(Event::PhoneReachable { phone }).await;
        acd.log_in(user.into(), phone, None).await.expect("logged in");
        let call = CallId::from_u128(7);
        acd.from_call(call, CallToAcd::PhoneBusy { phone }).await;

        end_expired(&db, &acd).await.expect("the session ends");
        assert!(store::session::of_user(&db, user).await.expect("rows").is_empty());
        let view = acd.agent(user.into()).await;
        assert_eq!((view.phone, view.leaving), (Some(phone), true), "the call goes on at her desk");
        acd.from_call(call, CallToAcd::PhoneFree { phone }).await;
        assert_eq!(acd.agent(user.into()).await.phone, None, "and then it is free");
    }
}
