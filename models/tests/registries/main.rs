//! Lists that derive from one registry: whoever adds to the registry and forgets a place fails here, by name.

mod imports;
mod misbehaviors;
mod properties;
mod vocabulary;
#[path = "../platform/world.rs"]
#[expect(dead_code, reason = "the platform tests use the rest of it")]
mod world;
