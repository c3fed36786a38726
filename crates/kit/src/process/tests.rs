use super::*;

fn sh(script: &str) -> Invocation {
    Invocation::new(&Tool::find("sh").unwrap()).arg("-c").arg(script)
}

#[test]
fn the_child_sees_only_the_fixed_environment() {
    let out = System.run(Invocation::new(&Tool::find("env").unwrap()).env("EXTRA", "1")).unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let mut names: Vec<&str> = text.lines().filter_map(|l| l.split_once('=')).map(|(n, _)| n).collect();
    names.sort_unstable();
    assert_eq!(names, ["EXTRA", "LC_ALL", "PATH", "TZ"]);
}

#[test]
fn bytes_go_in_and_come_out_even_when_both_pipes_fill() {
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    assert_eq!(System.run(Invocation::new(&Tool::find("cat").unwrap()).stdin(bytes.clone())).unwrap().stdout, bytes);
}

#[test]
fn a_failure_carries_the_code_and_the_end_of_what_was_said() {
    let error = System.run(sh("echo first >&2; echo broken >&2; exit 3")).unwrap_err();
    assert_eq!(error, ProcessError::Failed { program: "sh".into(), what: "exit code 3".into(), stderr: "first\nbroken\n".into() });
    assert_eq!(error.to_string(), "`sh` failed (exit code 3): first | broken");
    let noisy = System.run(sh("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done >&2; echo last >&2; exit 1"));
    let Err(ProcessError::Failed { stderr, .. }) = noisy else { panic!("{noisy:?}") };
    assert!(stderr.len() <= STDERR_KEPT && stderr.ends_with("last\n"));
}

#[test]
fn a_missing_program_names_what_to_install() {
    let error = Tool::find_packaged("no-such-program", "some-package").unwrap_err();
    assert!(error.to_string().contains("apt-get install some-package"), "{error}");
    assert!(Tool::find("../sh").is_err());
    assert!(Tool::find_in("sh", "sh", OsStr::new("bin:.")).is_err(), "a relative directory of PATH is not searched");
}

#[test]
fn a_late_child_is_stopped_with_its_grandchildren() {
    // The grandchild holds the output pipe open; only killing the group lets the call return.
    let error = System.run(sh("sleep 600 & sleep 600").deadline(Duration::from_millis(150))).unwrap_err();
    assert!(matches!(error, ProcessError::Deadline { .. }), "{error:?}");
}

#[test]
fn a_grandchild_does_not_outlive_its_parent() {
    let out = System.run(sh("sleep 600 & echo $!")).unwrap();
    let pid = String::from_utf8(out.stdout).unwrap();
    let gone = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        state.map_or(true, |s| s.contains(") Z "))
    });
    assert!(gone, "the grandchild still runs");
}

#[test]
fn a_dropped_child_is_killed() {
    let mut running = System.start(sh("echo $$; sleep 600"), Pipes::Read).unwrap();
    let mut pid = [0_u8; 32];
    let n = running.read(&mut pid).unwrap();
    let stat = format!("/proc/{}/stat", std::str::from_utf8(&pid[..n]).unwrap().trim());
    assert!(std::fs::metadata(&stat).is_ok());
    drop(running);
    assert!(std::fs::metadata(&stat).is_err());
}

#[test]
fn a_child_is_heard_and_interrupted_from_another_thread() {
    let (say, hear) = std::sync::mpsc::channel();
    let script = "trap 'echo stopping >&2; printf done; exit 3' INT; echo one >&2; while :; do sleep 0.01; done";
    // Where these tests run in the background of a script, SIGINT comes to them ignored, and a shell cannot trap what was ignored
    // when it began.
    let script = format!("exec env --default-signal=INT sh -c \"{script}\"");
    let mut running = System.start_heard(sh(&script), Box::new(move |line| drop(say.send(line.to_owned())))).unwrap();
    assert_eq!(hear.recv().unwrap(), "one");
    let stopper = running.stopper();
    std::thread::spawn({
        let stopper = stopper.clone();
        move || stopper.interrupt()
    });
    let mut text = String::new();
    running.read_to_string(&mut text).unwrap();
    let ended = running.finish();
    assert!(matches!(&ended, Err(ProcessError::Failed { what, .. }) if what == "exit code 3"), "{ended:?}");
    assert_eq!((text.as_str(), hear.recv().unwrap().as_str()), ("done", "stopping"));
    stopper.kill();
}

#[test]
fn output_beyond_the_cap_stops_the_child() {
    let error = System.run(sh("while :; do echo 0123456789; done").stdout_cap(10_000)).unwrap_err();
    assert_eq!(error, ProcessError::TooMuch { program: "sh".into(), cap: 10_000 });
}

#[test]
fn memory_is_limited() {
    let program = "x=0123456789; while :; do x=$x$x; done";
    let error = System.run(sh(&format!("sleep 0.05; {program}")).memory(64 * 1024 * 1024)).unwrap_err();
    assert!(matches!(error, ProcessError::Failed { .. }), "{error:?}");
}

#[test]
fn a_pipe_is_fed_and_one_is_read() {
    let mut fed = System.start(Invocation::new(&Tool::find("cat").unwrap()), Pipes::Feed).unwrap();
    fed.write_all(b"one").unwrap();
    assert_eq!(fed.finish().unwrap().stdout, b"one");
    let mut read = System.start(sh("printf two; exit 4"), Pipes::Read).unwrap();
    let mut text = String::new();
    read.read_to_string(&mut text).unwrap();
    assert_eq!(text, "two");
    assert!(matches!(read.finish(), Err(ProcessError::Failed { .. })));
    let mut gone = System.start(sh("echo why >&2; exit 5"), Pipes::Feed).unwrap();
    let error = loop {
        if let Err(error) = gone.write_all(&[0; 65536]) {
            break gone.broken(&error);
        }
    };
    assert_eq!(error, ProcessError::Failed { program: "sh".into(), what: "exit code 5".into(), stderr: "why\n".into() });
}

#[test]
fn a_script_answers_in_order_and_remembers() {
    let tool = Tool::scripted("ffmpeg");
    let script = Scripted::new().then("ffmpeg", Ok(Output { stdout: b"1".to_vec(), stderr: String::new() }));
    assert_eq!(script.run(Invocation::new(&tool).arg("-version")).unwrap().stdout, b"1");
    assert!(matches!(script.run(Invocation::new(&tool)), Err(ProcessError::Unscripted(_))));
    assert_eq!(script.asked()[0].args, ["-version"]);
}
