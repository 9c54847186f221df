//! A parting for a person: what differs before, where it begins, what follows on either side, how both end.
//!
//! **Invariant:** whatever is left out is announced as left out.

use std::fmt;

use stormcart_sim::Instant;

use super::{End, Sight, TraceDiff};

impl fmt::Display for TraceDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = self.sides();
        self.plans(f)?;
        if self.nothing() {
            let spared = self.without.as_ref().is_some_and(|without| !without.fired);
            let because = if spared { "the fault never strikes here: " } else { "" };
            writeln!(f, "\n{because}both runs are the same, event for event")?;
        } else {
            if let Some(common) = &self.common {
                writeln!(f, "\nthe last event of both:")?;
                sight(f, common)?;
            }
            writeln!(f, "\nthe first that differs:")?;
            for (side, events) in sides.iter().zip(&self.first) {
                writeln!(f, "{side}")?;
                match events.is_empty() {
                    true => writeln!(f, "{:>17}  nothing happens any more", "")?,
                    false => events.iter().try_for_each(|event| sight(f, event))?,
                }
            }
            self.follows(f, &sides)?;
        }
        self.verdicts(f, &sides)
    }
}

impl TraceDiff {
    fn sides(&self) -> [&'static str; 2] {
        if self.without.is_some() { ["with it", "without it"] } else { ["first", "second"] }
    }

    fn plans(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(without) = &self.without {
            writeln!(f, "{}\n", self.ends[0].name)?;
            writeln!(f, "fault {:<3} {}", without.number, without.name)?;
            return writeln!(f, "          {}", without.fate);
        }
        writeln!(f, "first     {}\nsecond    {}\n", self.ends[0].name, self.ends[1].name)?;
        if self.plans.is_empty() {
            return writeln!(f, "the plans are the same");
        }
        writeln!(f, "the plans differ:")?;
        for plan in &self.plans {
            match (plan.here.as_str(), plan.there.as_str()) {
                ("-", there) => writeln!(f, "{:<13} only in the second: {there}", plan.name)?,
                (here, "-") => writeln!(f, "{:<13} only in the first: {here}", plan.name)?,
                (here, there) => writeln!(f, "{:<13} {here} | {there}", plan.name)?,
            }
        }
        Ok(())
    }

    fn follows(&self, f: &mut fmt::Formatter<'_>, sides: &[&str; 2]) -> fmt::Result {
        for ((side, events), more) in sides.iter().zip(&self.then).zip(self.more) {
            if !events.is_empty() {
                let about =
                    self.about.map(|number| format!(" to {} {number}", self.subject)).unwrap_or_default();
                writeln!(f, "\nwhat then happens{about} only {}:", place(side))?;
                events.iter().try_for_each(|event| sight(f, event))?;
            }
            if more > 0 {
                let others = self.about.map(|_| format!(", also of other {}s", self.subject));
                writeln!(f, "{:>17}  ({more} more{})", "", others.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn verdicts(&self, f: &mut fmt::Formatter<'_>, sides: &[&str; 2]) -> fmt::Result {
        writeln!(f)?;
        for (side, end) in sides.iter().zip(&self.ends) {
            writeln!(f, "{side:<11} {}; {}, {} events", verdict(end), end.orders, end.events)?;
        }
        let [here, there] = &self.ends;
        let mut same = here.verdict == there.verdict;
        for (side, one, other) in [(sides[0], here, there), (sides[1], there, here)] {
            let only = |(id, _): &(&&str, &String)| !other.broke.contains(id);
            for (_, sentence) in one.broke.iter().zip(&one.broken).filter(only) {
                writeln!(f, "only {}: {sentence}", place(side))?;
                same = false;
            }
        }
        write!(f, "the verdict {}", if same { "is the same" } else { "differs" })
    }
}

fn place(side: &str) -> String {
    match side {
        "first" | "second" => format!("in the {side}"),
        side => side.into(),
    }
}

fn verdict(end: &End) -> String {
    match &end.reason {
        Some(reason) => format!("{}: {reason}", end.verdict),
        None if end.broke.is_empty() => end.verdict.into(),
        None => format!("{}: {}", end.verdict, end.broke.join(", ")),
    }
}

fn sight(f: &mut fmt::Formatter<'_>, sight: &Sight) -> fmt::Result {
    match sight.at_us {
        Some(us) => write!(f, "{:>17}  ", Instant(us).to_string())?,
        None => write!(f, "{:>17}  ", "")?,
    }
    writeln!(f, "{:<15} {}", sight.node, sight.what)
}
