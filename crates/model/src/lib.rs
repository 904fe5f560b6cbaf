//! Phones, servers, images, jobs, properties and errors: data and pure decisions
