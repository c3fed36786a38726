//! Where a person's data lives.

use std::ffi::OsString;
use std::path::PathBuf;

/// No home could be found.
#[derive(Debug, thiserror::Error)]
#[error("no place for data: set REELWRIGHT_HOME to a folder, or HOME (found neither REELWRIGHT_HOME, XDG_DATA_HOME nor HOME)")]
pub struct NoHome;

/// The data home: `$REELWRIGHT_HOME`, else `$XDG_DATA_HOME/reelwright`, else `~/.local/share/reelwright`. An empty or
/// relative XDG variable counts as unset, as the XDG Base Directory Specification 0.8 asks.
pub fn data_home() -> Result<PathBuf, NoHome> {
    data_home_from(|name| std::env::var_os(name))
}

/// The same from a given environment.
pub fn data_home_from(var: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoHome> {
    let set = |name: &str| var(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(home) = set("REELWRIGHT_HOME") {
        // A relative override is meant from where the person stands; it must not move when a child changes directory.
        return std::path::absolute(home).map_err(|_| NoHome);
    }
    if let Some(xdg) = set("XDG_DATA_HOME").filter(|p| p.is_absolute()) {
        return Ok(xdg.join("reelwright"));
    }
    set("HOME").map(|home| home.join(".local/share/reelwright")).ok_or(NoHome)
}

/// Where a person's settings live: `$XDG_CONFIG_HOME/reelwright`, else `~/.config/reelwright`; nothing where neither is set. An
/// empty or relative XDG variable counts as unset.
pub fn config_home() -> Option<PathBuf> {
    config_home_from(|name| std::env::var_os(name))
}

/// The same from a given environment.
pub fn config_home_from(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    folder.map(|folder| folder.join("reelwright"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(vars: &[(&str, &str)]) -> Option<PathBuf> {
        data_home_from(|name| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| OsString::from(v))).ok()
    }

    #[test]
    fn the_nearest_setting_wins() {
        let all = [("REELWRIGHT_HOME", "/r"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(home(&all), Some("/r".into()));
        assert_eq!(home(&all[1..]), Some("/x/reelwright".into()));
        assert_eq!(home(&all[2..]), Some("/h/.local/share/reelwright".into()));
        assert_eq!(home(&[("REELWRIGHT_HOME", ""), ("XDG_DATA_HOME", "rel"), ("HOME", "/h")]), Some("/h/.local/share/reelwright".into()));
        assert_eq!(home(&[]), None);
    }

    #[test]
    fn settings_are_found_the_same_way() {
        let config = |vars: &[(&str, &str)]| config_home_from(|name| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| OsString::from(v)));
        assert_eq!(config(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]), Some("/x/reelwright".into()));
        assert_eq!(config(&[("XDG_CONFIG_HOME", "rel"), ("HOME", "/h")]), Some("/h/.config/reelwright".into()));
        assert_eq!(config(&[("XDG_CONFIG_HOME", ""), ("HOME", "")]), None);
    }
}
