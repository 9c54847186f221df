//! A table before it has a look: for a terminal, or for a page.
//!
//! **Invariant:** both looks show the same cells.

use comfy_table::{CellAlignment, Table, presets};

use crate::text::folded;

/// Headings and rows.
#[derive(Debug)]
pub struct Grid {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// A table with these headings.
    pub fn new(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Self {
        Grid { head: head.iter().map(ToString::to_string).collect(), rows: rows.collect() }
    }

    /// For a terminal.
    pub fn plain(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_header(self.head.iter().map(|head| folded(head, 8)));
        self.rows.iter().for_each(|row| {
            table.add_row(row);
        });
        table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        for column in table.column_iter_mut() {
            column.set_padding((0, 0));
        }
        table
    }

    /// For a page.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> =
            (0..self.head.len()).map(|at| if at == 0 { "---" } else { "--:" }.into()).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}{}{rows}", line(&self.head), line(&rule))
    }
}
