//! Many rows in one statement: what adds a row (`Operation::add_row`) becomes `INSERT … SELECT … FROM UNNEST`.

use std::borrow::Cow;

use tokio_postgres::types::{ToSql, Type};

use crate::store::operation::{Statement, Value};

/// The statement that adds many rows, from the one that adds one and the types of its values.
pub fn form(sql: &str, types: &[Type]) -> String {
    let (head, _) = sql.split_once(" VALUES (").unwrap_or((sql, ""));
    let arrays: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(at, kind)| format!("${}::{}[]", at + 1, kind.name()))
        .collect();
    format!("{head} SELECT * FROM UNNEST({})", arrays.join(", "))
}

/// The values of one place in all rows.
#[derive(Debug)]
enum Column<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

/// The rows turned into columns.
pub struct Columns<'a>(Vec<Column<'a>>);

impl<'a> Columns<'a> {
    /// `rows` have as many values as there are types.
    pub fn of(rows: &[&'a Statement], types: &[Type]) -> Self {
        let column = |(at, kind): (usize, &Type)| {
            let values = rows.iter().map(|row| row.values.get(at));
            match *kind {
                Type::INT8 => Column::Ints(
                    values
                        .map(|value| match value {
                            Some(Value::Int(number)) => Some(*number),
                            _ => None,
                        })
                        .collect(),
                ),
                Type::BYTEA => Column::Bytes(
                    values
                        .map(|value| match value {
                            Some(Value::Bytes(bytes)) => Some(bytes.as_slice()),
                            _ => None,
                        })
                        .collect(),
                ),
                _ => Column::Texts(
                    values
                        .map(|value| match value {
                            Some(Value::Text(text)) => Some(Cow::as_ref(text)),
                            _ => None,
                        })
                        .collect(),
                ),
            }
        };
        Self(types.iter().enumerate().map(column).collect())
    }

    /// The columns as parameters, in their order.
    pub fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0
            .iter()
            .map(|column| match column {
                Column::Ints(values) => values as &(dyn ToSql + Sync),
                Column::Texts(values) => values,
                Column::Bytes(values) => values,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_keep_their_types() {
        assert_eq!(
            form(
                "INSERT INTO a (b, c) VALUES ($1, $2)",
                &[Type::INT8, Type::BYTEA]
            ),
            "INSERT INTO a (b, c) SELECT * FROM UNNEST($1::int8[], $2::bytea[])"
        );
    }
}
