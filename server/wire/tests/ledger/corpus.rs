//! The corpus of the fuzz target is run as a test, and begins with a conversation of each transport.

use std::fs;
use std::path::Path;

use crate::http2::layers as http2;
use crate::layers::every_transport;
use crate::script::{bytes, check, runs};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/ledger");

#[test]
fn every_conversation_of_the_corpus_keeps_the_rules() {
    let mut conversations = 0;
    for entry in fs::read_dir(CORPUS).unwrap() {
        check(&runs(&fs::read(entry.unwrap().path()).unwrap()));
        conversations += 1;
    }
    assert!(conversations >= every_transport().len());
}

/// `FEEDBENCH_WRITE_CORPUS=1` writes it anew.
#[test]
fn the_corpus_has_a_whole_conversation_of_each_transport_on_both_protocols() {
    let http1 = every_transport().into_iter().map(|(transport, said)| (transport.id().to_owned(), said.runs));
    let http2 = http2::every_transport().into_iter().map(|(transport, talk)| (format!("{transport}-h2"), talk.runs));
    for (name, runs) in http1.chain(http2) {
        let path = Path::new(CORPUS).join(&name);
        let bytes = bytes(&runs);
        if std::env::var_os("FEEDBENCH_WRITE_CORPUS").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: write the corpus anew");
    }
}
