//! An app that a test can kill.

fn main() {
    confab_tests::obey();
}
