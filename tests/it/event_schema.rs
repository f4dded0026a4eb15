//! Every message that a test hears is one that docs/api/events.schema.json describes: as much of JSON Schema as that file speaks.

use std::sync::LazyLock;

use serde_json::{Value, json};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/events.schema.json");
    serde_json::from_str(&std::fs::read_to_string(file).expect("the schema")).expect("JSON")
});

/// Holds a message against the schema.
pub(crate) fn check(message: &Value) {
    if let Err(why) = fits(&SCHEMA, message) {
        panic!("the schema does not describe {message:#}: {why}");
    }
}

fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    for (keyword, says) in schema.as_object().into_iter().flatten() {
        let all = || says.as_array().into_iter().flatten();
        match keyword.as_str() {
            "$ref" => {
                let pointer = says.as_str().and_then(|says| says.strip_prefix('#')).expect("a place in the schema");
                fits(SCHEMA.pointer(pointer).unwrap_or_else(|| panic!("nothing is at {pointer}")), value)?;
            }
            "oneOf" | "anyOf" => {
                let tried: Vec<_> = all().map(|one| fits(one, value)).collect();
                let fit = tried.iter().filter(|tried| tried.is_ok()).count();
                if fit == 0 || (keyword == "oneOf" && fit > 1) {
                    return Err(format!("{fit} of {} forms fit: {tried:?}", tried.len()));
                }
            }
            "allOf" => all().try_for_each(|one| fits(one, value))?,
            "type" => {
                let one_of = says.as_array().cloned().unwrap_or_else(|| vec![says.clone()]);
                if !one_of.iter().any(|kind| is(kind.as_str().expect("a type"), value)) {
                    return Err(format!("{value} is not {says}"));
                }
            }
            "enum" if !all().any(|one| one == value) => return Err(format!("{value} is none of {says}")),
            "required" => {
                if let Some(lacks) = all().filter_map(Value::as_str).find(|name| value.get(name).is_none()) {
                    return Err(format!("{lacks} is not there"));
                }
            }
            "properties" => {
                for (name, schema) in says.as_object().expect("properties") {
                    value.get(name).map_or(Ok(()), |value| fits(schema, value)).map_err(|why| format!("{name}: {why}"))?;
                }
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| fits(says, item))?,
            "minimum" if value.is_number() && value.as_f64() < says.as_f64() => return Err(format!("{value} is below {says}")),
            "enum" | "minimum" | "format" | "description" | "title" | "$schema" | "$defs" => {}
            other => panic!("the schema says {other}, which this test does not know"),
        }
    }
    Ok(())
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

#[test]
fn what_is_no_message_is_refused() {
    let head = |kind: &str, data: Value| json!({ "epoch": 1, "prev": 0, "at": "2026-11-22T10:00:00Z", "type": kind, "data": data });
    assert_eq!(fits(&SCHEMA, &head("heartbeat", json!({}))), Ok(()));
    let phone = "0192aaaa-0000-7000-8000-000000000000";
    assert_eq!(fits(&SCHEMA, &head("phone.unreachable", json!({ "phone": phone, "why": "peer_lost" }))), Ok(()));
    for wrong in [
        head("heartbeats", json!({})),
        head("phone.unreachable", json!({ "phone": phone })),
        head("phone.unreachable", json!({ "phone": phone, "why": "boredom" })),
        head("call.saved", json!({ "call": 5 })),
        json!({ "type": "heartbeat", "data": {} }),
    ] {
        assert!(fits(&SCHEMA, &wrong).is_err(), "{wrong}");
    }
}
