#![allow(clippy::unwrap_used)]

use feedbench_record::Scenario;
use feedbench_record::scenario::Fanout;
use feedbench_wire::Cursor;
use feedbench_wire::event::Data;
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::feed::{Feed, Limits};

const EVERYTHING: Limits = Limits { events: usize::MAX, bytes: usize::MAX };

fn scenario() -> Scenario {
    Scenario { fanout: Fanout::Rooms(2), ..Scenario::default() }
}

fn silent(_: &str) {}

fn feed(path: &Path, epoch: u16) -> Feed {
    Feed::continued(&scenario(), epoch, path, silent).unwrap()
}

/// Everything that a client gets which was there before.
fn offered(feed: &Feed, topic: usize) -> Vec<String> {
    let batch = feed.topics()[topic].read_after(Some(Cursor { epoch: !feed.epoch(), seq: 0 }), EVERYTHING).unwrap();
    batch.events.iter().map(|event| String::from_utf8(event.text().to_vec()).unwrap()).collect()
}

/// What is wrong with a file that says `text`, which must stay as it is.
fn problem(text: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    fs::write(&path, text).unwrap();
    let error = Feed::continued(&scenario(), 1, &path, silent).unwrap_err().to_string();
    assert_eq!(fs::read(&path).unwrap(), text);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing lies beside it");
    error.strip_prefix(&format!("state file {}: ", path.display())).unwrap().to_owned()
}

/// A journal with three events of the first topic and one of the second.
fn small(path: &Path) -> Vec<u8> {
    let feed = feed(path, 1);
    for (topic, by, text) in [
        (0, By::Program, "one"),
        (0, By::Client, "</script>\u{2028} \"two\""),
        (1, By::Program, "other"),
        (0, By::Program, "three"),
    ] {
        feed.topics()[topic].publish(by, 1_000, Data::Text(text)).unwrap();
    }
    fs::read(path).unwrap()
}

#[test]
fn a_feed_goes_on_with_the_same_texts_the_next_number_and_the_position_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    small(&path);
    let again = feed(&path, 2);
    assert_eq!(again.program_position(), [2, 1]);
    let texts = offered(&again, 0);
    assert!(texts[1].ends_with(r#""data":"\u003c/script\u003e\u2028 \"two\""}"#), "{}", texts[1]);
    let next = again.topics()[0].publish(By::Program, 9, Data::Text("four")).unwrap();
    assert_eq!(next, Cursor { epoch: 2, seq: 4 });
    let all = offered(&again, 0);
    assert_eq!((&all[..3], all.len()), (&texts[..], 4));
    drop(again);
    let third = feed(&path, 3);
    assert_eq!((offered(&third, 0), offered(&third, 1).len()), (all, 1));
    assert_eq!(third.program_position(), [3, 1]);
}

#[test]
fn wherever_its_last_line_is_cut_all_whole_lines_are_offered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let whole = small(&path);
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    let texts = offered(&feed(&path, 2), 0);
    for length in last..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let feed = feed(&path, 2);
        assert_eq!((offered(&feed, 0), offered(&feed, 1).len()), (texts[..2].to_vec(), 1), "{length}");
        assert_eq!(feed.program_position(), [1, 1]);
        assert!(fs::read(&path).unwrap().ends_with(b"\n"), "what is written next begins a line");
    }
}

#[test]
fn a_file_that_cannot_be_continued_is_named_with_its_line_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = String::from_utf8(small(&dir.path().join("state"))).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let with = |line: usize, what: &str| {
        let mut lines = lines.clone();
        lines[line - 1] = what;
        problem((lines.join("\n") + "\n").as_bytes())
    };
    let anew = "; move the file away to begin anew";
    assert_eq!(problem(b"price,time\n1,2\n"), format!("line 1: not the first line of a journal{anew}"));
    assert_eq!(problem(b"one line of something else"), format!("line 1: not the first line of a journal{anew}"));
    assert_eq!(with(3, ""), format!("line 3: not a line of a journal (column 0){anew}"));
    assert_eq!(with(4, lines[0]), format!("line 4: not a line of a journal (column 1){anew}"));
    assert_eq!(with(5, lines[1]), format!("line 5: event 1, where 3 comes next{anew}"));
    assert_eq!(with(2, &lines[1].replace("\"topic\":0", "\"topic\":2")), format!("line 2: there is no topic 2{anew}"));
    let text = format!("its text is not as an event is written{anew}");
    assert_eq!(with(2, &lines[1].replace("one", "<b>")), format!("line 2: {text}"), "markup never comes in");
    assert_eq!(with(2, &lines[1].replace("\"seq\":  ", "\"seq\":")), format!("line 2: {text}"));
    let standing = |newest: u64, position: u64| {
        with(2, &format!(r#"{{"topic":{{"topic":0,"newest":{newest},"position":{position}}}}}"#))
    };
    assert_eq!(standing(3, 4), format!("line 2: a topic does not stand there{anew}"));
    assert_eq!(standing(u64::MAX, 1), format!("line 2: a topic does not stand there{anew}"));
    let long = format!("{}\n{}\n", lines[0], " ".repeat(line::LINE_MAX_BYTES as usize));
    assert_eq!(problem(long.as_bytes()), format!("line 2: longer than {} bytes{anew}", line::LINE_MAX_BYTES));
    let header = |from, to| with(1, &lines[0].replace(from, to));
    assert!(header("\"version\":1", "\"version\":2").contains("line 1: a journal of version 2"));
    assert!(header("synthetic", "replay tides").contains("it continues \"replay tides\""));
    assert!(header("\"topics\":2", "\"topics\":1").contains("its topics are 1, and this server's 2"));
}

#[test]
fn what_is_no_file_and_what_another_server_keeps_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &Path| Feed::continued(&scenario(), 1, path, silent).unwrap_err().problem;
    assert!(matches!(refused(dir.path()), Problem::Io(_)));
    assert!(matches!(refused(Path::new("/dev/null")), Problem::NoFile));
    assert!(matches!(refused(&dir.path().join("no folder/state")), Problem::NoFolder));
    let path = dir.path().join("state");
    let keeps = feed(&path, 1);
    assert!(matches!(refused(&path), Problem::InUse));
    keeps.topics()[0].publish(By::Client, 1, Data::Text("x")).unwrap();
    drop(keeps);
    assert_eq!(offered(&feed(&path, 2), 0).len(), 1);
}

#[test]
fn after_another_start_of_the_machine_the_feed_goes_on_without_its_events() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let text = String::from_utf8(small(&path)).unwrap();
    fs::write(&path, text.replace(&boot_id(), "another")).unwrap();
    let feed = Feed::continued(&scenario(), 2, &path, |text| TOLD.lock().unwrap().push(text.to_owned())).unwrap();
    assert!(offered(&feed, 0).is_empty() && offered(&feed, 1).is_empty());
    assert_eq!((feed.topics()[0].newest().seq, feed.program_position()), (3, vec![2, 1]));
    feed.topics()[0].publish(By::Program, 7, Data::Text("x")).unwrap();
    drop(feed);
    let told = TOLD.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("another start of the machine"), "{told:?}");
    let again = super::tests::feed(&path, 3);
    assert_eq!((offered(&again, 0).len(), again.program_position()), (1, vec![3, 1]));
}

#[test]
fn a_file_that_has_grown_is_made_smaller_and_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let first = feed(&path, 1);
    let publish = |n: u64| {
        let by = if n.is_multiple_of(3) { By::Client } else { By::Program };
        first.topics()[0].publish(by, n, Data::Text(&n.to_string())).unwrap();
    };
    first.topics()[1].publish(By::Program, 5, Data::Text("rare")).unwrap();
    let lines = || fs::read_to_string(&path).unwrap().lines().count();
    (0..9_990).for_each(publish);
    assert_eq!(lines(), 9_992);
    (9_990..10_100).for_each(publish);
    assert!((1_000..1_200).contains(&lines()), "{}", lines());
    assert!(matches!(file::lock(&path), Err(Problem::InUse)), "the smaller file is locked, too");
    let newest = offered(&first, 0);
    drop(first);
    let again = feed(&path, 2);
    assert_eq!(offered(&again, 0), newest[newest.len() - EVENTS_MAX..]);
    assert_eq!(offered(&again, 1).len(), 1);
    assert_eq!(again.program_position(), [10_100 - 3_367, 1]);
    assert_eq!(again.topics()[0].newest().seq, 10_100);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing lies beside it");
}

#[test]
fn a_file_that_cannot_be_made_smaller_grows_on_and_it_is_told_once() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let first = Feed::continued(&scenario(), 1, &path, |text| TOLD.lock().unwrap().push(text.to_owned())).unwrap();
    // Where the smaller file would be written, lies a folder.
    let beside = dir.path().join("state.new");
    fs::create_dir(&beside).unwrap();
    for n in 0..10_500 {
        first.topics()[0].publish(By::Client, n, Data::Text("x")).unwrap();
    }
    drop(first);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 10_501);
    let told = TOLD.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("grows on"), "{told:?}");
    fs::remove_dir(&beside).unwrap();
    let again = feed(&path, 2);
    assert_eq!((offered(&again, 0).len(), again.topics()[0].newest().seq), (EVENTS_MAX, 10_500));
}

fn whoever() -> impl Strategy<Value = By> {
    prop_oneof![Just(By::Program), Just(By::Client)]
}

fn events() -> impl Strategy<Value = Vec<(u32, By, u64, String)>> {
    proptest::collection::vec((0u32..3, whoever(), any::<u64>(), any::<String>()), 0..40)
}

/// The journal of these events, and its header.
fn journal_of(events: &[(u32, By, u64, String)]) -> (Header, Vec<u8>) {
    let (source, boot_id) = ("replay \"a\\b\n.csv".to_owned(), "boot".to_owned());
    let header = Header { state: State::Whole, version: VERSION, source, topics: 3, boot_id };
    let mut out = Vec::new();
    Contents::nothing(header.clone()).write(&mut out).unwrap();
    let mut seqs = [0; 3];
    for (topic, by, at_us, text) in events {
        seqs[*topic as usize] += 1;
        let mut event = Vec::new();
        feedbench_wire::event::encode(seqs[*topic as usize], *at_us, Data::Text(text), &mut event);
        line::push_event(*topic, *by, &event, &mut out);
    }
    (header, out)
}

proptest! {
    #[test]
    fn what_is_written_is_what_was_read(events in events(), keep in 1usize..20) {
        let (header, text) = journal_of(&events);
        let kept = Kept { events: keep, bytes: 1_000 };
        let contents = Contents::read(&text[..], &header, kept).unwrap();
        for (topic, past) in (0..).zip(&contents.topics) {
            let own: Vec<_> = events.iter().filter(|event| event.0 == topic).collect();
            prop_assert_eq!(past.newest, own.len() as u64);
            prop_assert_eq!(past.position, own.iter().filter(|event| event.1 == By::Program).count() as u64);
            for (past, own) in past.events.iter().rev().zip(own.iter().rev()) {
                prop_assert_eq!((past.by, past.at_us), (own.1, own.2));
                let read = feedbench_wire::event::Event::parse(&past.text).unwrap();
                prop_assert_eq!(&serde_json::from_str::<String>(read.data.get()).unwrap(), &own.3);
            }
            let bytes: usize = past.events.iter().map(|event| event.text.len()).sum();
            prop_assert!(past.events.len() <= keep && (bytes <= 1_000 || past.events.len() == 1));
        }
        let mut written = Vec::new();
        let size = contents.write(&mut written).unwrap();
        prop_assert_eq!(size.bytes as usize, written.len());
        prop_assert_eq!(size.lines as usize, written.iter().filter(|&&byte| byte == b'\n').count());
        prop_assert_eq!(Contents::read(&written[..], &header, kept).unwrap(), contents);
    }

    #[test]
    fn the_state_is_overwritten_in_its_place(events in events()) {
        let (header, mut text) = journal_of(&events);
        text[line::STATE_AT as usize..][..5].copy_from_slice(State::Short.word().as_bytes());
        let read = Contents::read(&text[..], &header, Kept { events: 5, bytes: 1_000 }).unwrap();
        prop_assert_eq!(read.header, Header { state: State::Short, ..header });
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic_and_what_is_read_is_safe(
        events in events(), at: prop::sample::Index, byte: u8,
    ) {
        let (header, mut text) = journal_of(&events);
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok(contents) = Contents::read(&text[..], &header, Kept { events: 5, bytes: 1_000 }) {
            for event in contents.topics.iter().flat_map(|past| &past.events) {
                let text = std::str::from_utf8(&event.text).unwrap();
                prop_assert!(serde_json::from_str::<&RawValue>(text).is_ok());
                let is_safe = !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\n', '\r']);
                prop_assert!(is_safe, "{}", text);
            }
        }
    }
}
