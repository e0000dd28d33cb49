//! Records in, charts, tables and pages out
