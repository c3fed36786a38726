//! Ordering tables as data (003 §3.1): one file a modality and task, versioned, local first.

use std::collections::BTreeMap;

use contracts::choice::{Modality, OrderTable};

use crate::manifest::{Catalogue, ManifestError};

/// What a table orders: a modality, and one task of it or all.
type Key = (Modality, Option<String>);

/// Tables by modality and task.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: BTreeMap<Key, OrderTable>,
}

/// The fields of a table.
const KEYS: [&str; 5] = ["version", "modality", "task", "local_only", "order"];

fn fault(file: &str, field: &str, message: impl Into<String>) -> ManifestError {
    ManifestError { file: file.to_owned(), field: format!("{field}: "), message: message.into() }
}

/// One table out of its TOML text.
pub fn parse(file: &str, text: &str) -> Result<OrderTable, ManifestError> {
    if text.len() > crate::manifest::MAX_BYTES {
        let message = format!("{} bytes; a table has at most {}", text.len(), crate::manifest::MAX_BYTES);
        return Err(ManifestError { file: file.to_owned(), field: String::new(), message });
    }
    let whole = |message: String| ManifestError { file: file.to_owned(), field: String::new(), message };
    let keys: toml::Table = toml::from_str(text).map_err(|e| whole(e.to_string()))?;
    if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(fault(file, key, format!("no such field; there are {}", KEYS.join(", "))));
    }
    let table: OrderTable = toml::from_str(text).map_err(|e| whole(e.to_string()))?;
    let numbers: Vec<&str> = table.version.split('.').collect();
    if numbers.len() != 3 || numbers.iter().any(|n| n.parse::<u32>().is_err()) {
        return Err(fault(file, "version", format!("`{}` is not major.minor.patch", table.version)));
    }
    if let Some((_, twice)) = table.order.iter().enumerate().find(|(at, tool)| table.order[..*at].contains(tool)) {
        return Err(fault(file, "order", format!("`{twice}` stands twice")));
    }
    Ok(table)
}

impl Tables {
    /// The tables of files (name, text), and everything that is wrong with them. Two files for one task are both left out.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<ManifestError>) {
        let mut faults = Vec::new();
        let mut found: BTreeMap<Key, Vec<(&str, OrderTable)>> = BTreeMap::new();
        for (file, text) in files {
            match parse(file, text) {
                Ok(table) => found.entry((table.modality, table.task.clone())).or_default().push((file, table)),
                Err(why) => faults.push(why),
            }
        }
        let mut tables = BTreeMap::new();
        for (key, mut files) in found {
            files.sort_by_key(|(file, _)| *file);
            if let [(_, table)] = files.as_slice() {
                tables.insert(key, table.clone());
                continue;
            }
            let names: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
            let task = key.1.as_deref().unwrap_or("every task");
            let told = format!("{} order {} for {task}: none of them is used", names.join(" and "), key.0.name());
            faults.push(fault(names[0], "task", told));
        }
        (Self { tables }, faults)
    }

    /// The table of a task, or the modality's general one.
    pub fn of(&self, modality: Modality, task: Option<&str>) -> Option<&OrderTable> {
        let own = task.and_then(|task| self.tables.get(&(modality, Some(task.to_owned()))));
        own.or_else(|| self.tables.get(&(modality, None)))
    }

    /// Names in the tables that no manifest has: a slip of the pen, or a tool that is not installed. Worth telling, no fault.
    pub fn strangers(&self, catalogue: &Catalogue) -> Vec<String> {
        let of = |table: &OrderTable| -> Vec<String> {
            let unknown = table.order.iter().filter(|tool| catalogue.get(tool).is_none());
            unknown.map(|tool| format!("{}: `{tool}` has no manifest", table.modality.name())).collect()
        };
        self.tables.values().flat_map(of).collect()
    }
}
