//! From the text that `Debug` writes back to a value.
//!
//! **Invariant:** a text is read to its end or not at all.

use super::{CONFIGURATION, StateTree};

/// What is still to be read of what `Debug` said.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The shape of a text; `None` if there is something in it that nobody knows.
    pub fn read(text: &'a str) -> Option<StateTree> {
        let mut reader = Reader { rest: text };
        let shape = reader.value()?;
        reader.rest.is_empty().then_some(shape)
    }

    /// Skips a text, if it comes next.
    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<StateTree> {
        if self.skip("[") {
            return self.until("]", Self::value).map(StateTree::List);
        }
        let word = self.word()?;
        if self.skip("(") {
            return Some(StateTree::Tuple(word.into(), self.until(")", Self::value)?));
        }
        if self.skip(" { ") || self.skip("{") {
            let fields = self.until("}", Self::field)?;
            let changes = |(name, _): &(String, StateTree)| !CONFIGURATION.contains(&name.as_str());
            return Some(StateTree::Record(word.into(), fields.into_iter().filter(changes).collect()));
        }
        Some(StateTree::Word(word.into()))
    }

    fn field(&mut self) -> Option<(String, StateTree)> {
        let StateTree::Word(name) = self.value()? else { return None };
        self.skip(": ").then_some(())?;
        Some((name, self.value()?))
    }

    /// Items up to the bracket that closes them.
    fn until<T>(&mut self, close: &str, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.skip(" ");
            // What is not shown is not there to be read.
            self.skip("..");
            self.skip(" ");
            if self.skip(close) {
                return Some(items);
            }
            items.push(item(self)?);
            self.skip(",");
        }
    }

    /// A name, a number or a quoted text; before a bracket there may be none.
    fn word(&mut self) -> Option<&'a str> {
        let end = match self.rest.strip_prefix('"') {
            Some(quoted) => 2 + end_of_quote(quoted)?,
            None => self.rest.find(['(', ')', '[', ']', '{', '}', ',', ':', ' ']).unwrap_or(self.rest.len()),
        };
        let (word, rest) = self.rest.split_at(end);
        let empty = word.is_empty() && !rest.starts_with(['(', '{']);
        self.rest = rest;
        (!empty).then_some(word)
    }
}

fn end_of_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
}
