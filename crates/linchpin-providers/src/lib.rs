//! The providers built into Linchpin.
