//! Everything that is stored, on SQLite or PostgreSQL
