//! What a verb is given as JSON: a file, or `-` for standard input; never more than a bounded number of bytes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches};
use contracts::document::{ReadError, from_value};
use kit::files::read_at_most;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::MAX_DOCUMENT;
use crate::failure::Failure;

/// The argument that names the file.
pub fn arg(help: &'static str) -> Arg {
    Arg::new("file").value_name("FILE").value_parser(clap::value_parser!(PathBuf)).required(true).help(help)
}

/// A file or standard input, by the name under which it is told of.
pub struct Given {
    path: PathBuf,
    /// The words of the verb, for the way to its help.
    verb: Vec<&'static str>,
}

impl Given {
    /// What the verb's `file` argument names.
    pub fn of(args: &ArgMatches, verb: &[&'static str]) -> Self {
        Self { path: super::path(args, "file"), verb: verb.to_vec() }
    }

    /// Something else than a file, by what it is called.
    pub fn named(name: impl Into<PathBuf>, verb: &[&'static str]) -> Self {
        Self { path: name.into(), verb: verb.to_vec() }
    }

    /// The file; nothing for standard input.
    pub fn file(&self) -> Option<&Path> {
        (self.path != Path::new("-")).then_some(self.path.as_path())
    }

    /// Its name, for people.
    pub fn name(&self) -> String {
        self.file().map_or_else(|| "standard input".to_owned(), |file| file.display().to_string())
    }

    /// It is not what the verb reads.
    pub fn refuse(&self, why: impl std::fmt::Display) -> Failure {
        let mut help = vec!["reel"];
        help.extend(&self.verb);
        help.push("--help");
        let hint = format!("correct what is named and run it again; `{}` shows what is read", help.join(" "));
        Failure::given(format!("{}: {why}", self.name()), hint).next(&help)
    }

    /// All of it.
    pub fn bytes(&self) -> Result<Vec<u8>, Failure> {
        let read = match self.file() {
            Some(file) => read_at_most(file, MAX_DOCUMENT),
            None => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map(|_| bytes)
            }
        };
        let bytes = read.map_err(|e| self.refuse(e))?;
        if bytes.len() as u64 > MAX_DOCUMENT {
            return Err(self.refuse(format!("it has more than {MAX_DOCUMENT} bytes")));
        }
        Ok(bytes)
    }

    /// One JSON value.
    pub fn value(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.bytes()?).map_err(|e| self.refuse(format!("not valid JSON: {e}")))
    }

    /// A part of it as a type; what does not fit is named by its pointer from the root.
    pub fn read<T: DeserializeOwned>(&self, value: Value, at: &str) -> Result<T, Failure> {
        from_value(value).map_err(|error| match error {
            ReadError::Field { pointer, message } => {
                let pointer = format!("{at}{pointer}");
                self.refuse(format!("{}: {message}", if pointer.is_empty() { "/" } else { &pointer }))
            }
            other => self.refuse(other),
        })
    }

    /// The same, where a key that nobody reads is refused too: what is misspelt is not passed over.
    pub fn read_strictly<T: DeserializeOwned + Serialize>(&self, value: &Value, at: &str) -> Result<T, Failure> {
        let read: T = self.read(value.clone(), at)?;
        let again = serde_json::to_value(&read).map_err(Failure::internal)?;
        let known: BTreeSet<&String> = again.as_object().into_iter().flat_map(|map| map.keys()).collect();
        let says = |value: &Value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            Value::String(text) => !text.is_empty(),
            _ => true,
        };
        // A known key that says nothing is not written again.
        match value.as_object().into_iter().flatten().find(|(key, value)| !known.contains(key) && says(value)) {
            Some((key, _)) => Err(self.refuse(format!("{at}/{}: no such key", key.chars().take(60).collect::<String>()))),
            None => Ok(read),
        }
    }

    /// Hands on every JSON value of JSON lines, of one array, or the one value there is, with its place from 1. Lines are read one
    /// by one and may be many; an array is read whole.
    pub fn each(&self, mut take: impl FnMut(usize, &[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut reader: Box<dyn BufRead> = match self.file() {
            Some(file) => {
                // Devices and pipes are refused here as everywhere.
                let plain = std::fs::metadata(file).map_err(|e| self.refuse(e))?.is_file();
                if !plain {
                    return Err(self.refuse("it is no regular file"));
                }
                Box::new(BufReader::with_capacity(1 << 20, std::fs::File::open(file).map_err(|e| self.refuse(e))?))
            }
            None => Box::new(BufReader::new(std::io::stdin())),
        };
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            reader.by_ref().take(MAX_DOCUMENT + 1).read_until(b'\n', &mut line).map_err(|e| self.refuse(e))?;
            if line.is_empty() {
                return Ok(());
            }
            if line.len() as u64 > MAX_DOCUMENT {
                return Err(self.refuse(format!("a line has more than {MAX_DOCUMENT} bytes")));
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let whole = text.starts_with(b"{") && text.ends_with(b"}");
            if number == 0 && (!whole || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err()) {
                break;
            }
            number += 1;
            take(number, text)?;
        }
        // One value over several lines, or an array.
        let left = MAX_DOCUMENT + 1 - line.len() as u64;
        reader.take(left).read_to_end(&mut line).map_err(|e| self.refuse(e))?;
        if line.len() as u64 > MAX_DOCUMENT {
            return Err(self.refuse(format!("it has more than {MAX_DOCUMENT} bytes; give one JSON object a line")));
        }
        let values = match serde_json::from_slice(&line).map_err(|e| self.refuse(format!("not valid JSON: {e}")))? {
            Value::Array(items) => items,
            one => vec![one],
        };
        drop(line);
        for (at, value) in values.into_iter().enumerate() {
            take(at + 1, &serde_json::to_vec(&value).map_err(Failure::internal)?)?;
        }
        Ok(())
    }
}
