//! Engines: who plays a plan.
//!
//! The kernel is the default. Its world is a value, so it can be copied, taken back and looked at in the middle. madsim is
//! the second opinion: the same services as processes on a runtime that the authors of the model did not write.
//!
//! **Invariant:** nobody else asks which engine it is: what an engine cannot do is refused here, with the cure, before
//! anything runs.

use serde::Serialize;
use stormcart_models::service::Checkout;
use stormcart_sim::fault::Fault;
use stormcart_sim::script::Ended;
use stormcart_sim::trace::Trace;

use crate::error::Error;
use crate::plan::Plan;

/// Who plays a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The discrete-event loop.
    #[default]
    Kernel,
    /// Processes on madsim's runtime.
    Madsim,
}

/// A kind of fault that an engine cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Inexpressible {
    /// Its family.
    pub family: &'static str,
    /// What it does.
    pub fault: &'static str,
    /// Why it cannot be expressed.
    pub why: &'static str,
}

/// Why there may be no such engine, and what to do about it.
const MISSING: &str = "this build has no madsim engine: it needs `--cfg madsim`, and RUSTFLAGS in the environment or in a Cargo \
    configuration replaced the one in .cargo/config.toml; unset it, or add `--cfg madsim` to it";

impl Backend {
    /// All engines with their names, the default first.
    pub const ALL: [(Backend, &'static str); 2] = [(Backend::Kernel, "kernel"), (Backend::Madsim, "madsim")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Backend::ALL[self as usize].1
    }

    /// The engine of this name.
    ///
    /// # Errors
    /// If there is none, or this build does not have it.
    pub fn named(name: &str) -> Result<Backend, Error> {
        let known = Backend::ALL.iter().find(|(_, known)| *known == name);
        match known {
            None => Err(Error::unknown("engine", name, Backend::ALL.map(|(_, known)| known))),
            Some((Backend::Madsim, _)) if !cfg!(madsim) => Err(Error::Plain(MISSING.into())),
            Some((backend, _)) => Ok(*backend),
        }
    }

    /// The engine of this name, or the default.
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

    /// A scenario, and who plays it: `storm on madsim`, but `storm`.
    pub fn on(self, scenario: &str) -> String {
        self.mark().map_or(scenario.into(), |backend| format!("{scenario} on {backend}"))
    }

    /// Plays a plan to its end.
    ///
    /// # Panics
    /// If this build is without it: who asks for it by [name](Backend::named) is refused there.
    pub fn play(self, plan: &Plan, trace: Trace<Checkout>) -> Ended<Checkout> {
        match self {
            Backend::Kernel => plan.script().play(trace),
            Backend::Madsim => second::play_with(&plan.script(), &plan.externals, plan.seed.0, trace),
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

/// What is asked of the engine that a build may be without.
#[cfg(madsim)]
mod second {
    pub use stormcart_sim::madsim::{inexpressible, play_with};

    use stormcart_models::service::Checkout;

    use stormcart_sim::madsim::INEXPRESSIBLE;

    use super::Inexpressible;

    /// Who sits in the place of a service of the checkout.
    pub type ExternalServices = stormcart_sim::madsim::ExternalServices<Checkout>;

    pub fn inexpressibles() -> Vec<Inexpressible> {
        let rows = INEXPRESSIBLE.iter();
        rows.map(|row| Inexpressible { family: row.family, fault: row.words, why: row.reason }).collect()
    }
}

/// What stands in for the engine in a build without it: nobody comes here, because its name is refused.
#[cfg(not(madsim))]
mod second {
    use stormcart_models::service::Checkout;
    use stormcart_sim::fault::Fault;
    use stormcart_sim::script::{Ended, Script};
    use stormcart_sim::trace::Trace;

    use super::Inexpressible;

    /// Nobody: guests are processes of the engine that is not there.
    #[derive(Clone, Debug)]
    pub struct ExternalServices;

    impl ExternalServices {
        /// Nobody but the services of the checkout.
        pub fn none() -> Self {
            ExternalServices
        }

        /// Whether there is nobody.
        pub fn is_empty(&self) -> bool {
            true
        }
    }

    pub fn play_with(
        _: &Script<Checkout>,
        _: &ExternalServices,
        _: u64,
        _: Trace<Checkout>,
    ) -> Ended<Checkout> {
        unreachable!("an engine that is not there is refused by its name")
    }

    pub fn inexpressible(_: &Fault) -> Option<&'static str> {
        None
    }

    pub fn inexpressibles() -> Vec<Inexpressible> {
        Vec::new()
    }
}
