//! Drives phones: the runtime trait and its implementations
