//! Amounts in words.

/// `13.02`, or `-0.50`: an amount in cents, as a person reads it.
pub fn money(cents: impl Into<i128>) -> String {
    let cents: i128 = cents.into();
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}
