//! What is asked of a choice: one policy file across script, audio, visuals and render. What the command line says stands over the
//! workflow's file (`--policy FILE`), and that over the project's own `policy.json`.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use contracts::{
    MicroUsd,
    choice::{Policy, ToolId},
};
use kit::{files::read_at_most, inside::inside};
use routing::policy_file::{self, PolicyFile, StagePolicy};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The project's own policy file.
pub const POLICY_FILE: &str = "policy.json";

/// What a command line says of choosing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The workflow's policy file.
    pub policy: Option<PathBuf>,
    /// The provider of pictures, or a comma chain of them that stands alone.
    pub provider: Option<String>,
    /// Providers after it, separated by commas.
    pub fallback: Option<String>,
    /// How tools for pictures are ordered.
    pub routing: Option<Policy>,
    /// The most that pictures may cost, as it was written, US dollars.
    pub most_usd: Option<String>,
    /// Whether records go where content-machine's readers look for them.
    pub cm_paths: bool,
}

impl Asked {
    /// The arguments, their names beginning with `prefix`.
    pub fn args(command: Command, prefix: &'static [&'static str; 4]) -> Command {
        let [provider, fallback, routing, most] = *prefix;
        let path = || clap::value_parser!(PathBuf);
        command
            .arg(
                Arg::new("policy")
                    .long("policy")
                    .value_name("FILE")
                    .value_parser(path())
                    .help("A policy file of the workflow, JSON; it stands over policy.json of the project, and flags stand over both"),
            )
            .arg(Arg::new("visuals-provider").long(provider).value_name("NAMES").help(
                "The tool or provider that pictures are asked of first; a comma chain stands alone, and nothing falls back beyond it",
            ))
            .arg(Arg::new("visuals-fallback").long(fallback).value_name("NAMES").help("Tools or providers after it, separated by commas"))
            .arg(
                Arg::new("visuals-routing")
                    .long(routing)
                    .value_name("POLICY")
                    .value_parser(clap::builder::PossibleValuesParser::new(Policy::ALL.iter().map(|policy| policy.name())))
                    .help("How tools for pictures are ordered"),
            )
            .arg(
                Arg::new("visuals-most")
                    .long(most)
                    .value_name("USD")
                    .help("The most that pictures may cost, US dollars; the project's budget bounds it in any case"),
            )
            .arg(
                Arg::new("cm-paths")
                    .long("cm-paths")
                    .action(clap::ArgAction::SetTrue)
                    .help("Put telemetry and lineage where content-machine's readers look for them (~/.cm), not into the data home"),
            )
    }

    /// What was given.
    pub fn of(args: &ArgMatches) -> Self {
        let text = |name: &str| args.get_one::<String>(name).cloned();
        Self {
            policy: args.get_one::<PathBuf>("policy").cloned(),
            provider: text("visuals-provider"),
            fallback: text("visuals-fallback"),
            routing: text("visuals-routing").and_then(|name| Policy::named(&name)),
            most_usd: text("visuals-most"),
            cm_paths: args.get_flag("cm-paths"),
        }
    }

    /// The flags of `reel produce` that decide what is made in the same way, from anywhere on this machine.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        let mut put = |name: &str, value: Option<String>| flags.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string();
        put("--policy", self.policy.as_ref().map(absolute));
        put("--visuals-provider", self.provider.clone());
        put("--visuals-fallback-providers", self.fallback.clone());
        put("--visuals-routing-policy", self.routing.map(|policy| policy.name().to_owned()));
        put("--visuals-max-generation-cost-usd", self.most_usd.clone());
        flags
    }
}

/// What is said of choosing, all files and flags together.
#[derive(Clone, Debug, Default)]
pub struct Said {
    file: PolicyFile,
    /// Tools or providers for pictures, first to last.
    chain: Vec<ToolId>,
    /// Whether only those may be taken.
    only: bool,
    /// How many of the chain's names came from the command line.
    flags: usize,
}

impl Said {
    /// Reads what there is.
    pub fn read(root: &Path, asked: &Asked) -> Result<Self, Failure> {
        let own = root.join(POLICY_FILE);
        let below = if own.exists() {
            // Nothing outside the project folder is read, wherever a link may point.
            let own = inside(root, Path::new(POLICY_FILE)).map_err(|e| Failure::project_malformed(&own, e))?;
            read(&own)?
        } else {
            PolicyFile::default()
        };
        let file = match &asked.policy {
            Some(path) => read(path)?.over(&below),
            None => below,
        };
        let mut visuals = json!({});
        if let Some(policy) = asked.routing {
            visuals["routingPolicy"] = json!(policy);
        }
        if let Some(text) = &asked.most_usd {
            let number = serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
            visuals["maxGenerationCostUsd"] = number.unwrap_or_else(|| json!(text));
        }
        let flags = policy_file::parse(&json!({"visuals": visuals}).to_string())
            .map_err(|e| Failure::usage(format!("--visuals-max-generation-cost-usd: {}", e.message), "give US dollars such as 0.12"))?;
        let named = file.stage("visuals").provider_chain.unwrap_or_default();
        let chain = |file: &[ToolId]| {
            policy_file::chain(asked.provider.as_deref(), asked.fallback.as_deref(), file)
                .map_err(|why| Failure::usage(why, "`reel route select` lists the tools there are"))
        };
        let only = asked.provider.as_ref().is_some_and(|names| names.contains(','));
        Ok(Self { flags: chain(&[])?.len(), chain: chain(&named)?, only, file: flags.over(&file) })
    }

    /// What holds for a stage of the policy file.
    pub fn stage(&self, name: &str) -> StagePolicy {
        self.file.stage(name)
    }

    /// Tools or providers of a stage, first to last.
    pub fn chain(&self, stage: &str) -> Vec<ToolId> {
        if stage == "visuals" { self.chain.clone() } else { self.stage(stage).provider_chain.unwrap_or_default() }
    }

    /// Names of the chain for pictures that came from the command line.
    pub fn named_by_flags(&self) -> &[ToolId] {
        &self.chain[..self.flags.min(self.chain.len())]
    }

    /// Whether speech engines are chosen among by more than what comes first on this machine.
    pub fn compares_voices(&self) -> bool {
        !self.chain("audio").is_empty() || self.policy("audio") != Policy::Configured
    }

    /// Whether only the chain's tools may be taken.
    pub fn only(&self, stage: &str) -> bool {
        stage == "visuals" && self.only
    }

    /// How a stage's tools are ordered.
    pub fn policy(&self, stage: &str) -> Policy {
        self.stage(stage).routing_policy.unwrap_or(Policy::Configured)
    }

    /// The most a stage may spend: the project's budget, and less where a file or a flag says so.
    pub fn most(&self, stage: &str, budget: MicroUsd) -> MicroUsd {
        self.stage(stage).max_cost.map_or(budget, |most| MicroUsd(most.0.min(budget.0)))
    }
}

fn read(path: &Path) -> Result<PolicyFile, Failure> {
    let bytes = read_at_most(path, policy_file::MAX_BYTES as u64);
    let refuse = |why: String| Failure::policy_file(&path.display().to_string(), why);
    let bytes = bytes.map_err(|e| refuse(format!("it cannot be read: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8 text".to_owned()))?;
    policy_file::parse(&text).map_err(|e| refuse(e.to_string()))
}
