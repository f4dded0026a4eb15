//! What the OpenAPI document says of every operation alike: how one signs in, and how problems come.

use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    path::{Operation, PathItem},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::auth::session::COOKIE;

const PROBLEM: &str = "application/problem+json";
const NAME_OF_COOKIE: &str = "cookie";
const NAME_OF_BEARER: &str = "bearer";
/// The one operation for those who are not signed in.
const SIGN_IN: &str = "sign_in";

/// Completes the document that the operations' own descriptions make up.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(COOKIE, "Set by `POST /session`. Unsafe methods are refused from pages of other origins.");
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The `token` that `POST /session` answers with."));
    let schemes =
        [(NAME_OF_COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie))), (NAME_OF_BEARER, SecurityScheme::Http(bearer.build()))];
    for (name, scheme) in schemes {
        components.security_schemes.insert(name.to_owned(), scheme.into());
    }
    document.paths.paths.values_mut().flat_map(operations).for_each(complete_operation);
    document
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch].into_iter().flatten()
}

fn complete_operation(operation: &mut Operation) {
    let signs_in = operation.operation_id.as_deref() == Some(SIGN_IN);
    let either = [NAME_OF_COOKIE, NAME_OF_BEARER].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
    operation.security = Some(if signs_in { Vec::new() } else { either.to_vec() });
    let responses = &mut operation.responses.responses;
    for (status, description) in [
        ("401", "Nobody is signed in."),
        ("default", "Any other problem: a body or parameter that makes no sense, a database that does not answer."),
    ] {
        responses.entry(status.to_owned()).or_insert_with(|| problem(description).into());
    }
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            name_problems(response);
        }
    }
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content(PROBLEM, content).build()
}

/// Problems come with a content type of their own (RFC 9457 3).
fn name_problems(response: &mut Response) {
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(content) => matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Problem")),
        RefOr::Ref(_) => false,
    };
    let content = std::mem::take(&mut response.content);
    response.content = content
        .into_iter()
        .map(|(kind, content)| if is_problem(&content) { (PROBLEM.to_owned(), content) } else { (kind, content) })
        .collect();
}
