//! Backends: what runs a plan.
//!
//! The kernel is the default. Its world is a value, so it can be copied, taken back and looked at in the middle. madsim is
//! the second opinion: the same services as processes on a runtime that the authors of the model did not write.
//!
//! **Invariant:** what a backend cannot do is refused here, with the cure, before anything runs; no other file of the harness
//! matches on a backend (`one_file_asks_which_backend`).

use serde::Serialize;
use stormcart_sim::Service;
use stormcart_sim::fault::Fault;
use stormcart_sim::script::{Ended, Script};
use stormcart_sim::trace::Trace;

use crate::error::Error;

/// What runs a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The discrete-event loop.
    #[default]
    Kernel,
    /// Processes on madsim's runtime.
    Madsim,
}

/// A kind of fault that a backend cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Inexpressible {
    /// Its family.
    pub family: &'static str,
    /// What it does.
    pub fault: &'static str,
    /// Why it cannot be expressed.
    pub why: &'static str,
}

/// Why there may be no such backend, and what to do about it.
const MISSING: &str = "this build has no madsim backend: it needs `--cfg madsim`, and RUSTFLAGS in the environment or in a Cargo \
    configuration replaced the one in .cargo/config.toml; unset it, or add `--cfg madsim` to it";

impl Backend {
    /// All backends with their names, the default first.
    pub const ALL: [(Backend, &'static str); 2] = [(Backend::Kernel, "kernel"), (Backend::Madsim, "madsim")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Backend::ALL[self as usize].1
    }

    /// The backend that runs services of somebody else's, which are processes.
    ///
    /// # Errors
    /// If another one was asked for by name.
    pub fn of_external_services(asked: Option<&str>) -> Result<Backend, Error> {
        match asked {
            Some("kernel") => Err(Error::Plain(
                "an external service is a process, and the kernel runs none: leave the backend out, or name madsim"
                    .into(),
            )),
            _ => Ok(Backend::Madsim),
        }
    }

    /// The backend of this name.
    ///
    /// # Errors
    /// If there is none, or this build does not have it.
    pub fn named(name: &str) -> Result<Backend, Error> {
        let known = Backend::ALL.iter().find(|(_, known)| *known == name);
        match known {
            None => Err(Error::unknown("backend", name, Backend::ALL.map(|(_, known)| known))),
            Some((Backend::Madsim, _)) if !cfg!(madsim) => Err(Error::Plain(MISSING.into())),
            Some((backend, _)) => Ok(*backend),
        }
    }

    /// The backend of this name, or the default.
    ///
    /// # Errors
    /// If there is none, or this build does not have it.
    pub fn wished(name: Option<&str>) -> Result<Backend, Error> {
        name.map_or(Ok(Backend::default()), Backend::named)
    }

    /// Its name, where that has to be said: the default goes without saying.
    pub fn mark(self) -> Option<&'static str> {
        (self != Backend::default()).then(|| self.name())
    }

    /// A scenario, and what runs it: `storm on madsim`, but `storm`.
    pub fn on(self, scenario: &str) -> String {
        self.mark().map_or(scenario.into(), |backend| format!("{scenario} on {backend}"))
    }

    /// Runs a script to its end, with processes of others in the places of services; `seed` is the runtime's.
    ///
    /// # Panics
    /// If this build is without the backend: who asks for it by [name](Backend::named) is refused there.
    pub fn play<S: Service>(
        self,
        script: &Script<S>,
        externals: &ExternalServices<S>,
        seed: u64,
        trace: Trace<S>,
    ) -> Ended<S> {
        match self {
            Backend::Kernel => script.play(trace),
            Backend::Madsim => second::play_with(script, externals, seed, trace),
        }
    }

    /// Why it cannot express a fault, if it cannot.
    pub fn inexpressible(self, fault: &Fault) -> Option<&'static str> {
        match self {
            Backend::Kernel => None,
            Backend::Madsim => second::inexpressible(fault),
        }
    }

    /// Every kind of fault that it cannot express.
    pub fn inexpressibles(self) -> Vec<Inexpressible> {
        match self {
            Backend::Kernel => Vec::new(),
            Backend::Madsim => second::inexpressibles(),
        }
    }

    /// Refuses what needs a world that is a value, and says where it can be had instead.
    ///
    /// # Errors
    /// If its world is none.
    pub fn has_a_value(self, what: &str, instead: impl FnOnce() -> String) -> Result<(), Error> {
        match self {
            Backend::Kernel => Ok(()),
            Backend::Madsim => Err(Error::Plain(format!(
                "{what} needs a world that is a value, and one of madsim is a runtime at work, whose scheduling draws from one \
                 stream: {}",
                instead()
            ))),
        }
    }
}

pub use second::ExternalServices;

/// What is asked of the backend that a build may be without.
#[cfg(madsim)]
mod second {
    pub use stormcart_sim::madsim::{ExternalServices, inexpressible, play_with};

    use stormcart_sim::madsim::INEXPRESSIBLE;

    use super::Inexpressible;

    pub fn inexpressibles() -> Vec<Inexpressible> {
        let rows = INEXPRESSIBLE.iter();
        rows.map(|row| Inexpressible { family: row.family, fault: row.words, why: row.reason }).collect()
    }
}

/// What stands in for the backend in a build without it: nothing calls it, because its name is refused.
#[cfg(not(madsim))]
mod second {
    use std::marker::PhantomData;

    use stormcart_sim::Service;
    use stormcart_sim::fault::Fault;
    use stormcart_sim::script::{Ended, Script};
    use stormcart_sim::trace::Trace;

    use super::Inexpressible;

    /// No external services: they are processes of the backend that is not there.
    #[derive(Clone, Debug)]
    pub struct ExternalServices<S>(PhantomData<fn() -> S>);

    impl<S> ExternalServices<S> {
        /// Nothing but the services of the model.
        pub fn none() -> Self {
            ExternalServices(PhantomData)
        }

        /// Whether there are none.
        pub fn is_empty(&self) -> bool {
            true
        }
    }

    pub fn play_with<S: Service>(_: &Script<S>, _: &ExternalServices<S>, _: u64, _: Trace<S>) -> Ended<S> {
        unreachable!("a backend that is not there is refused by its name")
    }

    pub fn inexpressible(_: &Fault) -> Option<&'static str> {
        None
    }

    pub fn inexpressibles() -> Vec<Inexpressible> {
        Vec::new()
    }
}
