//! A small checker of JSON shapes that answers as zod 3 does: which faults it names, in which order, and when a union hides
//! them. Only what the compat documents need.

use serde_json::{Map, Value, json};

/// What a value must look like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Any text.
    Text,
    /// A text with a scheme and something behind it.
    Url,
    /// True or false.
    Bool,
    /// A number within bounds, each checked.
    Number(Vec<Bound>),
    /// Exactly this.
    Literal(Value),
    /// One of these texts.
    OneOf(Vec<&'static str>),
    /// Items, at least so many.
    List(Box<Shape>, usize),
    /// Fields; where strict, no others.
    Object(Vec<(&'static str, Shape, Presence)>, bool),
    /// The first that fits.
    Union(Vec<Shape>),
}

/// A bound of a number.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// Whole.
    Whole,
    /// At least.
    Min(f64),
    /// More than.
    Above(f64),
    /// At most.
    Max(f64),
}

/// Whether a field must be there.
#[derive(Clone, Debug)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
    /// Left out, it is this.
    Default(Value),
}

/// A fault: where, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Keys and indices from the root.
    pub path: Vec<Value>,
    /// zod's code.
    pub code: &'static str,
}

/// zod's three states: a dirty value has the right shape and breaks a bound, so that a union keeps its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Valid,
    Dirty,
    Aborted,
}

/// A whole number of at least 0.
pub fn count() -> Shape {
    Shape::Number(vec![Bound::Whole, Bound::Min(0.0)])
}

impl Shape {
    /// The value with defaults filled in and unknown keys taken out, or what is wrong with it.
    pub fn parse(&self, value: &Value) -> Result<Value, Vec<Issue>> {
        let mut issues = Vec::new();
        let (state, parsed) = self.walk(value, &mut Vec::new(), &mut issues);
        if state == State::Valid { Ok(parsed) } else { Err(issues) }
    }

    fn walk(&self, value: &Value, path: &mut Vec<Value>, issues: &mut Vec<Issue>) -> (State, Value) {
        let mut refuse = |code| {
            issues.push(Issue { path: path.clone(), code });
            (State::Aborted, Value::Null)
        };
        match (self, value) {
            (Self::Text, Value::String(_)) | (Self::Bool, Value::Bool(_)) => (State::Valid, value.clone()),
            (Self::Url, Value::String(text)) => {
                let scheme = text.split_once(':').filter(|(scheme, rest)| {
                    let mut letters = scheme.chars();
                    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
                        && letters.all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
                        && (!matches!(*scheme, "http" | "https") || rest.trim_start_matches('/').starts_with(|c: char| !"?#".contains(c)))
                });
                if scheme.is_none() {
                    refuse("invalid_string");
                    return (State::Dirty, value.clone());
                }
                (State::Valid, value.clone())
            }
            (Self::Number(bounds), Value::Number(number)) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                let mut state = State::Valid;
                for bound in bounds {
                    let code = match *bound {
                        Bound::Whole if number.fract() != 0.0 => "invalid_type",
                        Bound::Min(least) if number < least => "too_small",
                        Bound::Above(least) if number <= least => "too_small",
                        Bound::Max(most) if number > most => "too_big",
                        _ => continue,
                    };
                    refuse(code);
                    state = State::Dirty;
                }
                (state, value.clone())
            }
            (Self::Literal(expected), _) => {
                let same = expected == value || expected.as_f64().is_some_and(|e| value.as_f64() == Some(e));
                if same { (State::Valid, expected.clone()) } else { refuse("invalid_literal") }
            }
            (Self::OneOf(names), Value::String(text)) => {
                if names.contains(&text.as_str()) {
                    (State::Valid, value.clone())
                } else {
                    refuse("invalid_enum_value")
                }
            }
            (Self::List(item, least), Value::Array(items)) => {
                let mut state = State::Valid;
                if items.len() < *least {
                    refuse("too_small");
                    state = State::Dirty;
                }
                let mut parsed = Vec::with_capacity(items.len());
                for (index, value) in items.iter().enumerate() {
                    path.push(json!(index));
                    let (one, value) = item.walk(value, path, issues);
                    path.pop();
                    state = state.max(one);
                    parsed.push(value);
                }
                (state, Value::Array(parsed))
            }
            (Self::Object(fields, strict), Value::Object(given)) => {
                let mut state = State::Valid;
                let mut parsed = Map::new();
                for (name, shape, presence) in fields {
                    let value = match (given.get(*name), presence) {
                        (Some(value), _) => value,
                        (None, Presence::Default(value)) => value,
                        (None, Presence::Optional) => continue,
                        (None, Presence::Required) => {
                            issues.push(Issue { path: path.iter().cloned().chain([json!(name)]).collect(), code: shape.absent() });
                            state = State::Aborted;
                            continue;
                        }
                    };
                    path.push(json!(name));
                    let (one, value) = shape.walk(value, path, issues);
                    path.pop();
                    state = state.max(one);
                    parsed.insert((*name).to_owned(), value);
                }
                if *strict && given.keys().any(|key| !fields.iter().any(|(name, ..)| name == key)) {
                    issues.push(Issue { path: path.clone(), code: "unrecognized_keys" });
                    state = state.max(State::Dirty);
                }
                (state, Value::Object(parsed))
            }
            (Self::Union(options), _) => {
                let mut dirty = None;
                for option in options {
                    let mut own = Vec::new();
                    match option.walk(value, path, &mut own) {
                        (State::Valid, parsed) => return (State::Valid, parsed),
                        (State::Dirty, parsed) if dirty.is_none() => dirty = Some((own, parsed)),
                        _ => {}
                    }
                }
                match dirty {
                    Some((own, parsed)) => {
                        issues.extend(own);
                        (State::Dirty, parsed)
                    }
                    None => {
                        issues.push(Issue { path: path.clone(), code: "invalid_union" });
                        (State::Aborted, Value::Null)
                    }
                }
            }
            _ => refuse("invalid_type"),
        }
    }

    /// The code of a required field that is not there.
    fn absent(&self) -> &'static str {
        match self {
            Self::Literal(_) => "invalid_literal",
            Self::Union(_) => "invalid_union",
            _ => "invalid_type",
        }
    }
}
