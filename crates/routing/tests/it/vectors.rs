//! Every case of `tests/compat` that is ours.

use crate::suites;

#[test]
fn the_vectors_of_three_public_projects_come_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compat");
    let mut failures = Vec::new();
    let mut asked = 0;
    for name in suites::FILES {
        let text = std::fs::read_to_string(format!("{folder}/{name}")).expect("the vectors are in the repository");
        for suite in suites::run(name, &serde_json::from_str(&text).expect("is JSON")) {
            if suite.later.is_none() {
                assert!(suite.passed + suite.failures.len() >= suite.total.min(1), "{} ran nothing", suite.name);
                asked += suite.total;
            }
            failures.extend(suite.failures.iter().map(|why| format!("{}: {why}", suite.name)));
        }
    }
    assert!(asked > 200, "only {asked} cases were asked");
    assert!(failures.is_empty(), "{} of {asked} failed:\n{}", failures.len(), failures.join("\n"));
}
