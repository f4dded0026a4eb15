//! Addresses of the provider: over https, or on this machine.

use crate::auth::escaped::escaped;

/// Whether an address may be asked: `https`, or `http` on this machine. No other scheme, and no name and password in it.
pub(crate) fn may_be_asked(address: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(address) else { return false };
    let is_here = match url.host_str() {
        Some("localhost" | "127.0.0.1" | "[::1]") => true,
        Some(_) | None => false,
    };
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    scheme && url.host_str().is_some() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

/// Names and values as a form or a query has them.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threat 34.
    #[test]
    fn only_https_and_this_machine_are_asked() {
        for good in ["https://login.example.com/tenant", "http://127.0.0.1:4000", "http://localhost/x", "http://[::1]:80/"] {
            assert!(may_be_asked(good), "{good}");
        }
        for bad in [
            "http://login.example.com",
            "http://169.254.169.254/latest",
            "http://127.1.example/",
            "file:///etc/passwd",
            "ftp://login.example.com",
            "https://anna:secret@login.example.com",
            "https://login.example.com/#x",
            "login.example.com",
            "",
        ] {
            assert!(!may_be_asked(bad), "{bad}");
        }
    }

    #[test]
    fn values_are_escaped() {
        assert_eq!(form(&[("a", "x y&z=é"), ("b", "1")]), "a=x%20y%26z%3D%C3%A9&b=1");
    }
}
