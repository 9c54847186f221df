//! Results as text: what a person reads and what a program reads, from the same values.
//!
//! **Invariant:** a report is a function of its results; it holds no time of day, no machine and no path of one.

pub mod compare;
mod grid;
pub mod sweep;

use crate::seeds::Seed;
use crate::variant::Variant;

/// A contender in the words of a case, without scenario, seed and engine: `choreography+fence=none+care=matched`.
pub fn variant_name(variant: &Variant) -> String {
    let mut case = variant.case("", Seed(0)).to_string();
    case.truncate(case.rfind(':').unwrap_or(case.len()));
    case.split_off(1)
}

/// A share in words, with as many digits as it takes to see that it is not zero.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent == 0.0 => "0 %".into(),
        _ if percent.abs() < 0.01 => format!("{percent:.4} %"),
        _ if percent.abs() < 1.0 => format!("{percent:.2} %"),
        _ => format!("{percent:.1} %"),
    }
}

/// A paragraph in lines that a narrow terminal shows whole; a number keeps its per cent sign.
pub fn folded(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.replace(" %", "\u{a0}%").split(' ') {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n").replace('\u{a0}', " ")
}
