//! The certificate's files, looked at now and then.

use std::{sync::Arc, time::Duration};

use crate::tls::Certificates;

const EVERY: Duration = Duration::from_secs(60);

/// Takes up a certificate that was renewed, for ever.
pub async fn follow_certificate(certificates: Arc<Certificates>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let certificates = Arc::clone(&certificates);
        // Reading files and checking a key must not hold up a worker of the runtime. A panic there would be a bug, and is told by tokio.
        let _ = tokio::task::spawn_blocking(move || certificates.refresh()).await;
    }
}
