//! The system under test: one event feed behind every transport
