//! The program itself: its options, its signals, its exit codes, and a disk that is full.
