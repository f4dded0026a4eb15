//! The JSON Schema of the stream's messages, from the types they are made of.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::news::News;

/// What is gathered: everything that these two name comes with them.
#[derive(OpenApi)]
#[openapi(components(schemas(News, carillon_model::Fact)))]
struct Messages;

/// One message of `/api/v1/events`, as JSON Schema 2020-12.
///
/// # Errors
/// The types have no JSON form: never.
pub fn schema() -> serde_json::Result<Value> {
    let document = serde_json::to_string(&Messages::openapi())?.replace("#/components/schemas/", "#/$defs/");
    let mut document: Value = serde_json::from_str(&document)?;
    let types = document.pointer_mut("/components/schemas").map(Value::take).unwrap_or_else(|| Value::Object(Map::new()));
    let number = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Messages of the live stream",
        "description": "Every message of the WebSocket /api/v1/events. docs/decisions/live-stream.md says how they hang together.",
        "type": "object",
        "required": ["epoch", "prev", "at", "type", "data"],
        "properties": {
            "epoch": number("The run of the server."),
            "seq": number("Its place in the chain; absent in messages beside it."),
            "prev": number("The last `seq` of the chain that was sent to this reader; another one is a hole."),
            "at": { "type": "string", "format": "date-time", "description": "When it happened." },
        },
        "oneOf": [{ "$ref": "#/$defs/Fact" }, { "$ref": "#/$defs/News" }],
        "$defs": types,
    }))
}
