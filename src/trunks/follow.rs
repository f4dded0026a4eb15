//! The tasks that go on beside: asking the DNS, and telling what is news.

use std::{sync::Arc, time::Instant};

use carillon_sip_leg::Command;
use carillon_sip_net::Resolver;
use tokio::{sync::mpsc, task::JoinSet};

use super::{Trunks, status::dns_trouble};
use crate::{clock, journal::Journal};

impl Trunks {
    /// Asks the DNS where the trunks are that have a name, again whenever an answer runs out, until nobody listens.
    pub async fn follow_names(self: Arc<Self>, resolver: Arc<Resolver>, sip: mpsc::Sender<Command>) {
        let mut asking = JoinSet::new();
        loop {
            for (trunk, wanted) in self.questions(clock::now().mono) {
                let resolver = Arc::clone(&resolver);
                asking.spawn(async move {
                    let answer = resolver
                        .locate(wanted.clone(), rand::random())
                        .await
                        .inspect_err(|error| tracing::debug!(host = wanted.name, %error, "the DNS does not say where a trunk is"))
                        .map_err(|error| dns_trouble(&error));
                    (trunk, wanted, answer)
                });
            }
            let due = self.due();
            tokio::select! {
                Some(answered) = asking.join_next() => {
                    // A panic there would be a bug, and is told by tokio; the trunk is then asked for when it is next set up.
                    let Ok((trunk, wanted, answer)) = answered else { continue };
                    if self.located(trunk, &wanted, clock::now().mono, answer) && !self.tell(&sip).await {
                        return;
                    }
                }
                () = at(due) => {}
                () = self.named.notified() => {}
            }
        }
    }

    /// Writes into the journal what is news of the trunks, for ever.
    pub async fn tell_changes(self: Arc<Self>, journal: Journal) {
        loop {
            for fact in self.news() {
                journal.append(clock::now(), fact);
            }
            self.stands.notified().await;
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
