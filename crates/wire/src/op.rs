//! The table of operations: name, method, path and types of each, once.
//!
//! Routing, metrics, audit and the OpenAPI document are all read from here. The facts are
//! `contract/operations.md`'s.

mod table;

pub use table::*;

use crate::error::ErrorForm;
use crate::request::{QueryField, Request, SchemaFn};
use schemars::JsonSchema;
use std::fmt;
use std::marker::PhantomData;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
}

impl Method {
    /// The method's name in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever has a token, of any scope, or a signature.
    Login,
    /// Whoever acts for the path's project and has this permission in it.
    Permission(&'static str),
}

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Phones.
    Phones,
    /// Jobs.
    Jobs,
    /// Servers.
    Servers,
    /// Images.
    Images,
    /// Phone models and server models.
    Models,
    /// Logging in.
    Iam,
}

impl Tag {
    /// The name in the OpenAPI document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phones => "Phones",
            Self::Jobs => "Jobs",
            Self::Servers => "Servers",
            Self::Images => "Images",
            Self::Models => "Models",
            Self::Iam => "IAM",
        }
    }
}

/// All about an operation but its types.
#[derive(Clone, Copy)]
pub struct OpInfo {
    /// The documented name; also the name in metrics and audit.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it is about.
    pub tag: Tag,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The HTTP status of success.
    pub success: u16,
    /// The body of its refusals.
    pub errors: ErrorForm,
    /// Its query parameters.
    pub query: &'static [QueryField],
    /// The schema of its request's body, if it has one.
    pub request_schema: Option<SchemaFn>,
    /// The schema of its reply.
    pub reply_schema: SchemaFn,
}

impl OpInfo {
    /// The permission that it needs, if any.
    pub const fn permission(&self) -> Option<&'static str> {
        match self.access {
            Access::Permission(name) => Some(name),
            Access::Open | Access::Login => None,
        }
    }

    /// The names of the path's parameters, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl fmt::Debug for OpInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.method.as_str(), self.path)
    }
}

/// An operation: how it is called, what it takes and what it answers.
pub struct Op<Req, Reply> {
    /// All but the types.
    pub info: OpInfo,
    types: PhantomData<fn(Req) -> Reply>,
}

impl<Req, Reply> Clone for Op<Req, Reply> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Req, Reply> Copy for Op<Req, Reply> {}

impl<Req, Reply> fmt::Debug for Op<Req, Reply> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

impl<Req: Request, Reply: JsonSchema> Op<Req, Reply> {
    /// An operation of CPH.
    const fn cph(
        name: &'static str,
        method: Method,
        path: &'static str,
        permission: &'static str,
        tag: Tag,
        summary: &'static str,
    ) -> Self {
        let access = Access::Permission(permission);
        Self::new(name, method, path, access, tag, ErrorForm::Cph, 200, summary)
    }

    /// An operation of IAM.
    const fn iam(
        name: &'static str,
        method: Method,
        path: &'static str,
        access: Access,
        success: u16,
        summary: &'static str,
    ) -> Self {
        Self::new(name, method, path, access, Tag::Iam, ErrorForm::Iam, success, summary)
    }

    #[allow(clippy::too_many_arguments, reason = "one row of a table, written in one place")]
    const fn new(
        name: &'static str,
        method: Method,
        path: &'static str,
        access: Access,
        tag: Tag,
        errors: ErrorForm,
        success: u16,
        summary: &'static str,
    ) -> Self {
        let info = OpInfo {
            name,
            method,
            path,
            access,
            tag,
            summary,
            success,
            errors,
            query: Req::QUERY,
            request_schema: Req::BODY,
            reply_schema: |schemas| schemas.subschema_for::<Reply>(),
        };
        Self { info, types: PhantomData }
    }
}

#[cfg(test)]
#[path = "op_tests.rs"]
mod tests;
