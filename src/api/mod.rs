//! REST v1: a folder a resource, a file an operation. Handlers translate; rules live in the engines.

mod abandoned_calls;
mod accounts;
mod agents;
mod api_keys;
mod audit;
mod body;
mod calls;
mod client;
mod connections;
mod demo;
mod description;
mod dialplan;
mod dispositions;
mod events;
mod front;
mod kept;
mod mail;
mod masked;
mod me;
mod named_sounds;
mod offers;
mod outbound_routes;
mod page;
mod pauses;
mod phones;
mod problem;
mod queues;
mod recordings;
mod reload;
mod serve;
mod session;
mod signed_in;
mod sip;
mod sounds;
mod status;
mod targets;
mod trunks;
mod users;
mod waiting;

use std::sync::Arc;

use axum::{Router, middleware};
use carillon_store::Db;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth::attempts::Attempts,
    calls::{Admission, Surroundings},
    config::Config,
    live::Live,
    server::{Bound, Reload},
    simulate::Demo,
    telemetry::Metrics,
    trunks::Trunks,
};

use self::{
    body::Body,
    client::Client,
    kept::{Change, Changed, Kept},
    page::Page,
    signed_in::{AtTheDoor, SignedIn},
};
pub use self::{
    phones::provision::Provisioned,
    problem::{FieldProblem, Problem},
    serve::serve,
};

/// What the API's handlers work with.
pub struct Api {
    /// Calls, queues and agents.
    pub around: Arc<Surroundings>,
    /// What desktops are told.
    pub live: Arc<Live>,
    /// Taking up what is changed in the set-up.
    pub reload: Arc<Reload>,
    /// Where the trunks are and how they stand.
    pub trunks: Arc<Trunks>,
    /// Taking in calls; holds the dialplan.
    pub admission: Arc<Admission>,
    /// Where everything lasting is kept.
    pub db: Db,
    /// What was counted.
    pub metrics: Metrics,
    /// Where WebSockets for SIP are handed in.
    pub door: carillon_sip_net::Door,
    /// What the SIP sockets counted.
    pub sockets: Arc<carillon_sip_net::Counters>,
    /// Whether other machines may read it.
    pub metrics_for_all: bool,
    /// Simulated callers, in the demo.
    pub demo: Option<Demo>,
    /// What secrets in the database are sealed with.
    pub site_key: crate::auth::site_key::SiteKey,
    /// Wrong passwords of late.
    pub attempts: Attempts,
    /// What softphones may fetch.
    pub provisioned: Provisioned,
    /// Where the server listens.
    pub bound: Bound,
    /// One call is classed at a time.
    pub disposing: tokio::sync::Mutex<()>,
    /// What sealed recordings are read with.
    pub recording_keys: Arc<crate::recording::Keys>,
    /// Who listens to recordings now.
    pub listenings: crate::recording::Listenings,
    /// The mail server, if there is one.
    pub mail: Option<Arc<crate::mail::MailServer>>,
    /// The provider that signs people in, if there is one.
    pub provider: Option<Arc<crate::auth::oidc::Provider>>,
    /// The TURN server for pages, if there is one.
    pub turn: Option<crate::auth::turn::Turn>,
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
        .fallback(crate::web::page)
        .method_not_allowed_fallback(status::wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&api), masked::hide_numbers))
        .with_state(api)
}

fn operations() -> OpenApiRouter<Arc<Api>> {
    // The last part of its path is one of three words: nothing is there to be read.
    let (schemas, paths, methods) = routes!(calls::supervise::take_part);
    let take_part = (schemas, paths, methods.fallback(async || Problem::not_found("page")));
    let v1 = OpenApiRouter::new()
        .routes(routes!(session::create::create, session::read::read, session::delete::delete))
        .routes(routes!(session::phone::choose_phone))
        .routes(routes!(session::take_over::take_over))
        .routes(routes!(session::ways::ways))
        .routes(routes!(session::oidc::begin))
        .routes(routes!(session::oidc::back))
        .routes(routes!(session::forgotten::forgotten))
        .routes(routes!(session::forgotten::new_password))
        .routes(routes!(mail::read::read))
        .routes(routes!(mail::test::test))
        .routes(routes!(me::sessions::list))
        .routes(routes!(me::sessions::end))
        .routes(routes!(me::read::read))
        .routes(routes!(me::filters::list))
        .routes(routes!(me::filters::save))
        .routes(routes!(me::notifications::list))
        .routes(routes!(me::notifications::seen))
        .routes(routes!(me::password::change))
        .routes(routes!(me::second_factor::begin::begin))
        .routes(routes!(me::second_factor::confirm::confirm))
        .routes(routes!(me::second_factor::recovery_codes::renew))
        .routes(routes!(me::second_factor::turn_off::turn_off))
        .routes(routes!(me::phone_token::phone_token))
        .routes(routes!(me::pause::pause))
        .routes(routes!(me::resume::resume))
        .routes(routes!(me::queue_pause::pause))
        .routes(routes!(me::queue_pause::resume))
        .routes(routes!(me::end_wrapup::end_wrapup))
        .routes(routes!(events::connect::connect))
        .routes(routes!(phones::list::list, phones::create::create))
        .routes(routes!(pauses::list::list, pauses::create::create))
        .routes(routes!(agents::list::list))
        .routes(routes!(queues::list::list, queues::create::create))
        .routes(routes!(waiting::list::list))
        .routes(routes!(targets::list::list))
        .routes(routes!(calls::list::list, calls::make::make))
        .routes(routes!(abandoned_calls::list::list))
        .routes(routes!(abandoned_calls::reserve::reserve, abandoned_calls::release::release))
        .routes(routes!(calls::sums::sums))
        .routes(routes!(calls::read::read))
        .routes(routes!(calls::hang_up::hang_up))
        .routes(routes!(calls::hold::hold))
        .routes(routes!(calls::step_away::step_away))
        .routes(routes!(calls::come_back::come_back))
        .routes(routes!(calls::resume::resume))
        .routes(routes!(calls::transfer::transfer))
        .routes(routes!(calls::consult::consult))
        .routes(routes!(calls::swap::swap))
        .routes(routes!(calls::complete::complete))
        .routes(routes!(calls::cancel_consult::cancel_consult))
        .routes(routes!(calls::three_way::three_way))
        .routes(routes!(calls::pause_recording::pause_recording))
        .routes(routes!(calls::resume_recording::resume_recording))
        .routes(take_part)
        .routes(routes!(calls::take_over::take_over))
        .routes(routes!(calls::stop_supervising::stop_supervising))
        .routes(routes!(calls::digits::digits))
        .routes(routes!(calls::sip::sip))
        .routes(routes!(calls::sip::sip_pcap))
        .routes(routes!(calls::dispose::dispose))
        .routes(routes!(dispositions::list::list, dispositions::create::create))
        .routes(routes!(dispositions::read::read, dispositions::update::update, dispositions::delete::delete))
        .routes(routes!(recordings::list::list))
        .routes(routes!(recordings::read::read))
        .routes(routes!(recordings::audio::audio))
        .routes(routes!(recordings::rate::rate))
        .routes(routes!(recordings::links::list, recordings::links::create))
        .routes(routes!(recordings::links::revoke))
        .routes(routes!(recordings::open_link::open))
        .routes(routes!(demo::simulate::simulate))
        .routes(routes!(users::list::list, users::create::create))
        .routes(routes!(users::read::read, users::update::update, users::delete::delete))
        .routes(routes!(accounts::read::read))
        .routes(routes!(users::invite::invite))
        .routes(routes!(users::unlock::unlock))
        .routes(routes!(users::second_factor::take_off))
        .routes(routes!(phones::read::read, phones::update::update, phones::delete::delete))
        .routes(routes!(phones::provision::provision))
        .routes(routes!(phones::provision::fetch))
        .routes(routes!(queues::read::read, queues::update::update, queues::delete::delete))
        .routes(routes!(queues::members::list::list))
        .routes(routes!(queues::members::save::save, queues::members::delete::delete))
        .routes(routes!(trunks::list::list, trunks::create::create))
        .routes(routes!(trunks::read::read, trunks::update::update, trunks::delete::delete))
        .routes(routes!(outbound_routes::list::list, outbound_routes::create::create))
        .routes(routes!(outbound_routes::read::read, outbound_routes::update::update, outbound_routes::delete::delete))
        .routes(routes!(pauses::read::read, pauses::update::update, pauses::delete::delete))
        .routes(routes!(agents::pause::pause))
        .routes(routes!(agents::resume::resume))
        .routes(routes!(agents::queue_pause::pause))
        .routes(routes!(agents::queue_pause::resume))
        .routes(routes!(agents::log_out::log_out))
        .routes(routes!(agents::note::note))
        .routes(routes!(offers::decline::decline))
        .routes(routes!(audit::list::list))
        .routes(routes!(api_keys::list::list, api_keys::create::create))
        .routes(routes!(api_keys::revoke::revoke))
        .routes(routes!(session::desktop_link::make_link))
        .routes(routes!(session::desktop_link::open_link))
        .routes(routes!(sounds::list::list))
        .routes(routes!(sounds::upload::upload, sounds::delete::delete))
        .routes(routes!(sounds::audio::audio))
        .routes(routes!(reload::reload))
        .routes(routes!(dialplan::reload::reload));
    OpenApiRouter::with_openapi(Head::openapi()).nest("/api/v1", v1)
}
