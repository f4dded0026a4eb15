//! The web desktop: the built files of `web/dist` inside the binary.
//!
//! Hashed files under `assets/` never change and may be kept for ever; text lies there compressed already, by brotli and by gzip
//! (`web/scripts/compress.mjs`), and goes out as the browser takes it (RFC 9110 12.5.3). Every other address of a page gets `index.html`, whose script knows
//! the routes; it is made anew for each request, with a nonce of its own for the style elements of the page (CSP level 3, 6.7.3.3).
//! The API's reference at `/api/docs` is a page of its own, `reference.html`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rand::{TryRng, rngs::SysRng};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::api::Problem;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

const DESKTOP: &str = "index.html";
const REFERENCE: &str = "reference.html";

/// Where the page's nonce goes.
const PLACE: &str = r#"name="csp-nonce" content="""#;

/// What a page may do: nothing that does not come from here. Sound and pictures may be made in the page itself. The reference writes style
/// attributes (CSP level 3, 6.1.15), which the desktop never does.
fn policy(page: &str, nonce: &str) -> String {
    let attributes = if page == REFERENCE { "style-src-attr 'unsafe-inline'; " } else { "" };
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; {attributes}img-src 'self' data: blob:; media-src 'self' blob:; \
         font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
         form-action 'self'"
    )
}

/// Answers what no other route takes: a file of the desktop, its page, or 404.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api/docs" && method == Method::GET {
        return shell(REFERENCE);
    }
    if path.starts_with("api/") || !matches!(method, Method::GET | Method::HEAD) {
        return Problem::not_found("page").into_response();
    }
    match Dist::get(path).filter(|_| ![DESKTOP, REFERENCE].contains(&path) && Coding::of(path).is_none()) {
        Some(found) => file(path, found, &headers),
        // A hashed file of an older build: the page must hear that it is gone.
        None if path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            Problem::not_found("file").into_response()
        }
        None => shell(DESKTOP),
    }
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// The smaller first.
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its content coding (RFC 9110 8.4.1) and what its files end in.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Brotli => ("br", ".br"),
            Self::Gzip => ("gzip", ".gz"),
        }
    }

    fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| path.ends_with(coding.names().1))
    }

    /// Whether a browser takes it: named, or covered by `*`, and not with weight nought.
    fn accepted(self, headers: &HeaderMap) -> bool {
        let offers =
            headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let weights: Vec<(&str, bool)> = offers.map(offer).collect();
        let of = |wanted: &str| weights.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, taken)| *taken);
        of(self.names().0).or_else(|| of("*")).unwrap_or(false)
    }
}

/// `br;q=0.8`: the coding and whether it may be used at all.
fn offer(text: &str) -> (&str, bool) {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok()).unwrap_or(1.0);
    (name.trim(), weight > 0.0)
}

fn file(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> Response {
    let packed = |coding: Coding| Some((coding, Dist::get(&format!("{path}{}", coding.names().1))?));
    let packed: Vec<_> = Coding::ALL.into_iter().filter_map(packed).collect();
    let varies = !packed.is_empty();
    let (coding, found) = match packed.into_iter().find(|(coding, _)| coding.accepted(headers)) {
        Some((coding, packed)) => (Some(coding), packed),
        None => (None, plain),
    };
    let tag = format!("\"{}\"", hex(&found.metadata.sha256_hash()[..16]));
    let kept = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let (status, body) = if known { (StatusCode::NOT_MODIFIED, Body::empty()) } else { (StatusCode::OK, Body::from(found.data)) };
    let mut response = (status, body).into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if varies {
        told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Some(coding) = coding {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.names().0));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        told.insert(header::ETAG, tag);
    }
    response
}

fn shell(name: &str) -> Response {
    let Some(index) = Dist::get(name) else {
        return "Carillon is running without its web desktop: this binary was built before `npm run build` in web/. Its REST API is under /api/v1.\n"
            .into_response();
    };
    let mut random = [0; 16];
    if SysRng.try_fill_bytes(&mut random).is_err() {
        return Problem::unavailable("The system has no random numbers.").into_response();
    }
    let nonce = hex(&random);
    let html = String::from_utf8_lossy(&index.data).replace(PLACE, &PLACE.replace("\"\"", &format!("\"{nonce}\"")));
    let mut response = html.into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy(name, &nonce)) {
        told.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The content type of a file Vite makes.
fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &'static str) -> Response {
        page(Method::GET, Uri::from_static(path), HeaderMap::new()).await
    }

    #[tokio::test]
    async fn what_is_not_there_is_told_as_such_and_never_as_a_page() {
        assert_eq!(get("/api/v1/nothing").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/assets/index-of-yesterday.js").await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn every_address_of_the_desktop_is_answered_built_or_not() {
        for path in ["/", "/login", "/calls", "/calls/0192", "/api/docs"] {
            assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
        }
    }

    #[tokio::test]
    async fn a_page_has_a_nonce_of_its_own_and_allows_nothing_inline_without_it() {
        let (first, second) = (get("/").await, get("/").await);
        let policy = |response: &Response| response.headers().get(header::CONTENT_SECURITY_POLICY).cloned();
        if Dist::get("index.html").is_none() {
            assert_eq!(policy(&first), None);
            return;
        }
        assert_ne!(policy(&first), policy(&second));
        assert!(!policy(&first).expect("a policy").to_str().expect("text").contains("unsafe"));
    }

    #[tokio::test]
    async fn a_script_goes_out_as_the_browser_takes_it_and_is_kept_for_ever() {
        let Some(script) = Dist::iter().find(|path| path.starts_with("assets/") && path.ends_with(".js.br")) else {
            assert!(Dist::get("index.html").is_none(), "what is built is compressed too");
            return;
        };
        let path = script.trim_end_matches(".br").to_owned();
        let asked = async |accept: &str, tag: Option<HeaderValue>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(accept).expect("a header"));
            tag.map(|tag| headers.insert(header::IF_NONE_MATCH, tag));
            page(Method::GET, format!("/{path}").parse().expect("an address"), headers).await
        };
        let told = |response: &Response, name: header::HeaderName| {
            response.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
        };
        let mut tags = Vec::new();
        for (accept, coding) in
            [("gzip, deflate, br, zstd", Some("br")), ("gzip;q=0.5, br;q=0", Some("gzip")), ("*", Some("br")), ("identity", None)]
        {
            let response = asked(accept, None).await;
            assert_eq!(told(&response, header::CONTENT_ENCODING).as_deref(), coding, "{accept}");
            assert_eq!(told(&response, header::CACHE_CONTROL).as_deref(), Some("public, max-age=31536000, immutable"));
            assert_eq!(told(&response, header::CONTENT_TYPE).as_deref(), Some("text/javascript; charset=utf-8"));
            assert_eq!(told(&response, header::VARY).as_deref(), Some("accept-encoding"));
            let tag = response.headers().get(header::ETAG).cloned().expect("a tag");
            assert_eq!(asked(accept, Some(tag.clone())).await.status(), StatusCode::NOT_MODIFIED);
            tags.push(tag);
        }
        assert!(tags[0] != tags[1] && tags[1] != tags[3], "each variant has a tag of its own: {tags:?}");
        assert_eq!(
            page(Method::GET, format!("/{script}").parse().expect("an address"), HeaderMap::new()).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}
