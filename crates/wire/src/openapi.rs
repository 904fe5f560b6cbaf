//! The OpenAPI 3.1 document, built from the table of operations.

use crate::error::{ErrorBody, ErrorForm, IamErrorBody, title};
use crate::op::{Access, OPERATIONS, OpInfo};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = "Cloud phones on servers of your own, through the API of Huawei Cloud's CPH. \
    Every answer has the header X-Request-Id. Batch operations answer 200 once they look at single phones: \
    each entry of `jobs` has either a `job_id` or an `error_code`. Unknown fields and parameters are ignored.";

/// HTTP statuses that refusals of CPH's operations have.
const CPH_ERRORS: &[u16] = &[400, 401, 403, 404, 413, 429, 500];
/// HTTP statuses that refusals of IAM's operations have.
const IAM_ERRORS: &[u16] = &[400, 401, 403, 404, 429, 500];

/// The document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for op in OPERATIONS {
        let operation = operation(op, &mut schemas);
        if let Value::Object(methods) = paths.entry(op.path).or_insert_with(|| json!({})) {
            methods.insert(op.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let responses = responses(&mut schemas);
    let mut definitions: Vec<(String, Value)> = schemas.take_definitions(true).into_iter().collect();
    definitions.sort_by(|(a, _), (b, _)| a.cmp(b));
    let definitions: Map<String, Value> = definitions.into_iter().map(|(n, s)| (n, plain(s))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Phoneyard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": responses,
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "X-Auth-Token",
                    "description": "A token of CreateToken.",
                },
                "signature": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=..., together with \
                        the header X-Sdk-Date. Goes before a token.",
                },
            },
        },
    })
}

/// The document as it is kept in a file.
pub fn text() -> String {
    format!("{:#}\n", document())
}

fn tags() -> Value {
    let mut names: Vec<&str> = Vec::new();
    for op in OPERATIONS {
        if !names.contains(&op.tag.as_str()) {
            names.push(op.tag.as_str());
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn operation(op: &OpInfo, schemas: &mut SchemaGenerator) -> Value {
    let mut value = json!({
        "operationId": op.name,
        "tags": [op.tag.as_str()],
        "summary": op.summary,
    });
    let Value::Object(fields) = &mut value else { return value };
    if let Some(permission) = op.permission() {
        fields.insert("x-permission".into(), permission.into());
    }
    if op.access == Access::Open {
        fields.insert("security".into(), json!([]));
    } else {
        fields.insert("security".into(), json!([{ "token": [] }, { "signature": [] }]));
    }
    let parameters = parameters(op);
    if !parameters.is_empty() {
        fields.insert("parameters".into(), parameters.into());
    }
    if let Some(schema) = op.request_schema {
        let content = json!({ "application/json": { "schema": schema(schemas) } });
        fields.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": (op.reply_schema)(schemas) } });
    responses.insert(op.success.to_string(), json!({ "description": "Success", "content": content }));
    let (errors, prefix) = errors(op.errors);
    for http in errors {
        let reference = json!({ "$ref": format!("#/components/responses/{prefix}{http}") });
        responses.insert(http.to_string(), reference);
    }
    fields.insert("responses".into(), responses.into());
    value
}

fn errors(form: ErrorForm) -> (&'static [u16], &'static str) {
    match form {
        ErrorForm::Cph => (CPH_ERRORS, "Cph"),
        ErrorForm::Iam => (IAM_ERRORS, "Iam"),
    }
}

fn parameters(op: &OpInfo) -> Vec<Value> {
    let path = op
        .path_parameters()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let query = op.query.iter().map(|field| {
        let kind = if field.integer { "integer" } else { "string" };
        let schema = json!({ "type": kind });
        json!({ "name": field.name, "in": "query", "description": field.about, "schema": schema })
    });
    path.chain(query).collect()
}

fn responses(schemas: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let mut add = |form, schema: Schema| {
        let (errors, prefix) = errors(form);
        for http in errors {
            let content = json!({ "application/json": { "schema": schema } });
            responses.insert(
                format!("{prefix}{http}"),
                json!({ "description": title(*http), "content": content }),
            );
        }
    };
    add(ErrorForm::Cph, schemas.subschema_for::<ErrorBody>());
    add(ErrorForm::Iam, schemas.subschema_for::<IamErrorBody>());
    responses.into()
}

/// Takes "or null" from the fields that may be absent: where we write null, the field is required.
fn plain(mut schema: Value) -> Value {
    let required: Vec<Value> = match schema.get("required") {
        Some(Value::Array(names)) => names.clone(),
        _ => Vec::new(),
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            if !required.iter().any(|required| required == name) {
                not_null(property);
            }
        }
    }
    schema
}

fn not_null(property: &mut Value) {
    let Value::Object(fields) = property else { return };
    let single = match fields.get_mut("type") {
        Some(Value::Array(types)) => {
            types.retain(|kind| kind != "null");
            if let [kind] = types.as_slice() { Some(kind.clone()) } else { None }
        }
        _ => None,
    };
    if let Some(kind) = single {
        fields.insert("type".into(), kind);
    }
    if let Some(Value::Array(choices)) = fields.get("anyOf")
        && let [Value::Object(choice), null] = choices.as_slice()
        && null["type"] == "null"
    {
        let choice = choice.clone();
        fields.shift_remove("anyOf");
        fields.extend(choice);
    }
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;
