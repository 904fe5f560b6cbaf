//! The HTTP side: one adapter, authentication, one file per resource
