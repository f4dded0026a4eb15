//! REST v1: a folder a resource, a file an operation. Handlers translate; rules live in the engines.

mod agents;
mod body;
mod calls;
mod demo;
mod description;
mod dialplan;
mod events;
mod me;
mod page;
mod pauses;
mod phones;
mod problem;
mod queues;
mod recordings;
mod serve;
mod session;
mod signed_in;
mod status;
mod waiting;

use std::sync::Arc;

use axum::Router;
use carillon_store::Db;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth::attempts::Attempts,
    calls::{Admission, Surroundings},
    config::Config,
    live::Live,
    simulate::Demo,
    telemetry::Metrics,
};

use self::{body::Body, page::Page, signed_in::SignedIn};
pub use self::{
    problem::{FieldProblem, Problem},
    serve::serve,
};

/// What the API's handlers work with.
pub struct Api {
    /// Calls, queues and agents.
    pub around: Arc<Surroundings>,
    /// What desktops are told.
    pub live: Arc<Live>,
    /// Taking in calls; holds the dialplan.
    pub admission: Arc<Admission>,
    /// Where everything lasting is kept.
    pub db: Db,
    /// What was counted.
    pub metrics: Metrics,
    /// What the SIP sockets counted.
    pub sockets: Arc<carillon_sip_net::Counters>,
    /// Whether other machines may read it.
    pub metrics_for_all: bool,
    /// Simulated callers, in the demo.
    pub demo: Option<Demo>,
    /// Wrong passwords of late.
    pub attempts: Attempts,
    /// As the server was started: where the dialplan is, for a reload.
    pub config: Config,
}

/// The document's head.
#[derive(OpenApi)]
#[openapi(info(
    title = "Carillon",
    description = "The REST API of the Carillon contact-centre server.",
    license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
))]
struct Head;

/// The OpenAPI 3.1 description of every operation.
pub fn description() -> utoipa::openapi::OpenApi {
    description::complete(operations().split_for_parts().1)
}

/// The whole HTTP face of the server.
pub fn router(api: Arc<Api>) -> Router {
    let (operations, description) = operations().split_for_parts();
    status::router(description::complete(description))
        .merge(operations)
        .fallback(status::unknown)
        .method_not_allowed_fallback(status::wrong_method)
        .with_state(api)
}

fn operations() -> OpenApiRouter<Arc<Api>> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(session::create::create, session::read::read, session::delete::delete))
        .routes(routes!(session::phone::choose_phone))
        .routes(routes!(me::read::read))
        .routes(routes!(me::pause::pause))
        .routes(routes!(me::resume::resume))
        .routes(routes!(me::end_wrapup::end_wrapup))
        .routes(routes!(events::connect::connect))
        .routes(routes!(phones::list::list))
        .routes(routes!(pauses::list::list))
        .routes(routes!(agents::list::list))
        .routes(routes!(queues::list::list))
        .routes(routes!(waiting::list::list))
        .routes(routes!(calls::list::list))
        .routes(routes!(calls::read::read))
        .routes(routes!(calls::hang_up::hang_up))
        .routes(routes!(recordings::list::list))
        .routes(routes!(recordings::read::read))
        .routes(routes!(recordings::audio::audio))
        .routes(routes!(demo::simulate::simulate))
        .routes(routes!(dialplan::reload::reload));
    OpenApiRouter::with_openapi(Head::openapi()).nest("/api/v1", v1)
}
