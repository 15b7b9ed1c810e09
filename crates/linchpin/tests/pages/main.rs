//! The hosted pages as HTML: what each view must show, in every language, and what no page may contain.

mod samples;
