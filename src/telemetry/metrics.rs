//! Prometheus metrics.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Names of the metrics, once.
pub mod names {
    /// Calls begun, by kind.
    pub const CALLS_STARTED: &str = "carillon_calls_started_total";
    /// Calls ended, by who and why.
    pub const CALLS_ENDED: &str = "carillon_calls_ended_total";
    /// Calls up now.
    pub const CALLS_UP: &str = "carillon_calls_up";
    /// Offers ended, by outcome.
    pub const OFFERS_ENDED: &str = "carillon_offers_ended_total";
    /// Requests refused before they became a call or a registration, by reason.
    pub const SIP_REFUSED: &str = "carillon_sip_refused_total";
    /// Phones that can be called.
    pub const PHONES_REACHABLE: &str = "carillon_phones_reachable";
    /// SIP messages handed to the signalling.
    pub const SIP_RECEIVED: &str = "carillon_sip_received_total";
    /// SIP messages handed to the system.
    pub const SIP_SENT: &str = "carillon_sip_sent_total";
    /// SIP messages dropped because their source sent too many.
    pub const SIP_OVER_RATE: &str = "carillon_sip_over_rate_total";
    /// SIP connections closed at once because there were too many.
    pub const SIP_CONNECTIONS_REFUSED: &str = "carillon_sip_connections_refused_total";
    /// SIP messages that could not be sent.
    pub const SIP_SEND_FAILED: &str = "carillon_sip_send_failed_total";
    /// Calls that a full mailbox ended.
    pub const MAILBOX_FULL: &str = "carillon_mailbox_full_total";
}

/// Renders what was counted.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Installs the recorder of this process, once; later starts in the same process share it.
    pub fn install() -> Self {
        static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Fails only where another recorder was installed: then ours renders empty and nothing else changes.
            let _ = metrics::set_global_recorder(recorder);
            handle
        });
        Self { handle: handle.clone() }
    }

    /// The text format of Prometheus, with what the sockets counted.
    pub fn render(&self, sockets: &carillon_sip_net::Counters) -> String {
        metrics::counter!(names::SIP_RECEIVED).absolute(sockets.received());
        metrics::counter!(names::SIP_SENT).absolute(sockets.sent());
        metrics::counter!(names::SIP_OVER_RATE).absolute(sockets.over_rate());
        metrics::counter!(names::SIP_CONNECTIONS_REFUSED).absolute(sockets.flows_refused());
        metrics::counter!(names::SIP_SEND_FAILED).absolute(sockets.send_failed());
        self.handle.run_upkeep();
        self.handle.render()
    }
}
