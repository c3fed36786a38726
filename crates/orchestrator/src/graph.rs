//! A graph of named nodes: what each needs, what is done when one fails, how long it may take. Static: nodes and edges are
//! known before anything runs; a node may fan out into as many steps as its inputs ask for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::limit::SLACK;
use crate::step::{Step, StepError};
use crate::{RunError, Runner, StepResult};

/// What a node's failure means for the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The run cannot go on: what runs beside it is let finish, nothing new starts.
    #[default]
    Fail,
    /// The node is left out, and with it whoever needs it; the rest goes on, and the run is partial.
    Skip,
    /// Another node's results stand in its place. That node runs only then.
    Fallback(String),
}

/// What a node is given: the results of the nodes it needs, by their names.
pub type Inputs = BTreeMap<String, Vec<StepResult>>;

type Make = dyn Fn(&Inputs) -> Result<Vec<Arc<dyn Step>>, StepError> + Send + Sync;

/// A node of the graph.
#[derive(Clone)]
pub struct Node {
    name: String,
    needs: Vec<String>,
    on_failure: OnFailure,
    allowed: Option<Duration>,
    make: Arc<Make>,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name).field("needs", &self.needs).field("on_failure", &self.on_failure).finish()
    }
}

impl Node {
    /// A node that makes its steps of what it needs. Steps of one node run beside each other; their results keep their order.
    pub fn new(name: impl Into<String>, make: impl Fn(&Inputs) -> Result<Vec<Arc<dyn Step>>, StepError> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), needs: Vec::new(), on_failure: OnFailure::Fail, allowed: None, make: Arc::new(make) }
    }

    /// The same node, after this one, whose results it is given.
    #[must_use]
    pub fn after(mut self, other: impl Into<String>) -> Self {
        self.needs.push(other.into());
        self
    }

    /// What its failure means.
    #[must_use]
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.on_failure = policy;
        self
    }

    /// How long it may take, for the deadline of the run.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.allowed = Some(time);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Why nodes are no graph. All that is wrong is said, by name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two nodes have one name.
    #[error("two nodes of the graph are called `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A node needs what is not there.
    #[error("the node `{node}` needs `{needs}`, which the graph does not have")]
    Unknown {
        /// The node.
        node: String,
        /// What it needs.
        needs: String,
    },
    /// Nodes need each other in a circle.
    #[error("nodes need each other in a circle: {}", .path.join(" -> "))]
    Cycle {
        /// The circle, its first node again at the end.
        path: Vec<String>,
    },
}

/// A graph that can run.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Places of nodes in an order that respects every edge.
    order: Vec<usize>,
    needs: Vec<Vec<usize>>,
}

impl Graph {
    /// Orders the nodes: whoever needs nothing first, in the order in which they were given, and so on (Kahn's algorithm with a
    /// first-in-first-out queue). The same nodes give the same order.
    ///
    /// # Errors
    /// Everything that is wrong: names that are there twice, needs that are not, a circle.
    pub fn compile(nodes: Vec<Node>) -> Result<Self, Vec<GraphError>> {
        let mut errors = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, node) in nodes.iter().enumerate() {
            if places.insert(&node.name, place).is_some() {
                errors.push(GraphError::Duplicate { name: node.name.clone() });
            }
        }
        let mut needs = vec![Vec::new(); nodes.len()];
        for (place, node) in nodes.iter().enumerate() {
            if let OnFailure::Fallback(other) = &node.on_failure
                && !places.contains_key(other.as_str())
            {
                errors.push(GraphError::Unknown { node: node.name.clone(), needs: other.clone() });
            }
            for need in node.needs.iter().collect::<BTreeSet<_>>() {
                match places.get(need.as_str()) {
                    Some(&other) => needs[place].push(other),
                    None => errors.push(GraphError::Unknown { node: node.name.clone(), needs: need.clone() }),
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // Whoever stands in comes before whom it stands in for, or neither ever comes.
        let spare = |place: usize| match &nodes[place].on_failure {
            OnFailure::Fallback(other) => places.get(other.as_str()).copied(),
            OnFailure::Fail | OnFailure::Skip => None,
        };
        let with_spares: Vec<Vec<usize>> =
            needs.iter().enumerate().map(|(place, needs)| needs.iter().copied().chain(spare(place)).collect()).collect();
        ordered(&with_spares).map_err(|open| vec![GraphError::Cycle { path: circle(&nodes, &with_spares, &open) }])?;
        let order = ordered(&needs).unwrap_or_default();
        Ok(Self { nodes, order, needs })
    }

    /// The names in order.
    pub fn order(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(|&place| self.nodes[place].name.as_str())
    }

    /// How long a run may take: what its nodes may together, and a fifth more. `None` when a node may take for ever.
    pub fn deadline(&self) -> Option<Duration> {
        let sum: Option<Duration> = self.nodes.iter().map(|node| node.allowed).sum();
        Some(sum? * SLACK / 100)
    }

    /// Nodes that run only in the place of others.
    fn spares(&self) -> BTreeSet<&str> {
        let spare = |node: &Node| match &node.on_failure {
            OnFailure::Fallback(other) => self.nodes.iter().find(|n| n.name == *other).map(|n| n.name.as_str()),
            OnFailure::Fail | OnFailure::Skip => None,
        };
        self.nodes.iter().filter_map(spare).collect()
    }
}

/// Kahn's algorithm; which nodes are left over, when they need each other in a circle.
fn ordered(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<bool>> {
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (place, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|&other| needed_by[other].push(place));
    }
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut queue: VecDeque<usize> = (0..needs.len()).filter(|&place| missing[place] == 0).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(place) = queue.pop_front() {
        order.push(place);
        for &next in &needed_by[place] {
            missing[next] -= 1;
            if missing[next] == 0 {
                queue.push_back(next);
            }
        }
    }
    if order.len() == needs.len() { Ok(order) } else { Err(missing.iter().map(|n| *n > 0).collect()) }
}

/// A circle among the nodes that are left over.
fn circle(nodes: &[Node], needs: &[Vec<usize>], open: &[bool]) -> Vec<String> {
    // Each of them needs another one of them: whoever follows needs long enough comes by a second time.
    let Some(start) = (0..nodes.len()).find(|&place| open[place]) else { return Vec::new() };
    let mut path = vec![start];
    loop {
        let last = path[path.len() - 1];
        let Some(&next) = needs[last].iter().find(|&&need| open[need]) else { return Vec::new() };
        if let Some(first) = path.iter().position(|&place| place == next) {
            let mut names: Vec<String> = path[first..].iter().map(|&place| nodes[place].name.clone()).collect();
            names.push(nodes[next].name.clone());
            return names;
        }
        path.push(next);
    }
}

/// What came of a graph.
#[derive(Debug, Default)]
pub struct Ran {
    /// The results of each node that ran, or of the node that stood in for it.
    pub results: Inputs,
    /// Nodes that were left out, and why.
    pub skipped: BTreeMap<String, String>,
    /// Nodes in whose place another one's results stand, and which.
    pub replaced: BTreeMap<String, String>,
}

impl Ran {
    /// Whether something that was to be done is missing.
    pub fn partial(&self) -> bool {
        !self.skipped.is_empty()
    }
}

impl Runner {
    /// Runs a graph: a node as soon as all it needs is there. What the memo knows is not run.
    ///
    /// # Errors
    /// A node that may not fail has failed, or the run was asked to stop. What is finished is kept: the next run of the same
    /// graph goes on from there.
    pub async fn graph(&self, graph: &Graph) -> Result<Ran, RunError> {
        let spares = graph.spares();
        self.within(graph.deadline());
        let mut ran = Ran::default();
        let mut waiting: Vec<usize> = graph.order.iter().copied().filter(|&p| !spares.contains(graph.nodes[p].name.as_str())).collect();
        let mut running = FuturesUnordered::new();
        let mut failed: Option<RunError> = None;
        let mut called: BTreeSet<usize> = BTreeSet::new();
        loop {
            let mut still = Vec::new();
            for place in std::mem::take(&mut waiting) {
                let node = &graph.nodes[place];
                let names = || graph.needs[place].iter().map(|&need| graph.nodes[need].name.as_str());
                if let Some(lost) = names().find(|name| ran.skipped.contains_key(*name)) {
                    let why = format!("it needs `{lost}`, which was left out");
                    ran.skipped.insert(node.name.clone(), why);
                } else if failed.is_none() && names().all(|name| ran.results.contains_key(name)) {
                    let inputs: Inputs = names().map(|name| (name.to_owned(), ran.results[name].clone())).collect();
                    running.push(self.node(place, node, inputs));
                } else if failed.is_none() {
                    still.push(place);
                }
            }
            waiting = still;
            let Some((place, outcome)) = running.next().await else { break };
            let node = &graph.nodes[place];
            match (outcome, &node.on_failure) {
                (Ok(results), _) => {
                    // A spare's results are those of whom it stands in for, too.
                    let replaced: Vec<String> =
                        ran.replaced.iter().filter(|(_, by)| **by == node.name).map(|(name, _)| name.clone()).collect();
                    for name in replaced {
                        ran.results.insert(name, results.clone());
                    }
                    ran.results.insert(node.name.clone(), results);
                }
                (Err(error @ (RunError::Cancelled { .. } | RunError::Late { .. } | RunError::Registry(_))), _)
                | (Err(error), OnFailure::Fail) => {
                    failed.get_or_insert(error);
                }
                (Err(error), OnFailure::Skip) => {
                    for (name, _) in ran.replaced.iter().filter(|(_, by)| **by == node.name) {
                        ran.skipped.insert(name.clone(), format!("`{}` was to stand in for it, and failed: {error}", node.name));
                    }
                    ran.skipped.insert(node.name.clone(), error.to_string());
                }
                (Err(error), OnFailure::Fallback(other)) => {
                    ran.replaced.insert(node.name.clone(), other.clone());
                    match graph.nodes.iter().position(|n| n.name == *other) {
                        Some(_) if ran.results.contains_key(other) => {
                            let results = ran.results[other].clone();
                            ran.results.insert(node.name.clone(), results);
                        }
                        Some(_) if ran.skipped.contains_key(other) => {
                            let why = format!("`{other}` was to stand in for it, and failed; itself: {error}");
                            ran.skipped.insert(node.name.clone(), why);
                        }
                        Some(spare) => waiting.extend(called.insert(spare).then_some(spare)),
                        None => drop(failed.get_or_insert(error)),
                    }
                }
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        // What still waits needs somebody who never came, such as a spare that needs whom it stands in for.
        for place in waiting {
            let never =
                graph.needs[place].iter().map(|&need| graph.nodes[need].name.as_str()).find(|name| !ran.results.contains_key(*name));
            let why = format!("it needs `{}`, which never came", never.unwrap_or_default());
            ran.skipped.insert(graph.nodes[place].name.clone(), why);
        }
        let lost: Vec<(String, String)> =
            ran.replaced.iter().filter(|(name, _)| !ran.results.contains_key(*name)).map(|(a, b)| (a.clone(), b.clone())).collect();
        for (name, by) in lost {
            ran.skipped.entry(name).or_insert_with(|| format!("`{by}` was to stand in for it, and did not come"));
        }
        Ok(ran)
    }

    async fn node(&self, place: usize, node: &Node, inputs: Inputs) -> (usize, Result<Vec<StepResult>, RunError>) {
        let made = (node.make)(&inputs);
        let outcome = match made {
            Ok(steps) => self.stage(&node.name, steps).await,
            Err(error) => Err(RunError::Step { stage: node.name.clone(), step: node.name.clone(), error, others: 0 }),
        };
        (place, outcome)
    }
}
