// Package bigquery stands in for BigQuery on this machine, where Google has no emulator of it: the table of facts with its views, in SQLite
// in memory. It takes messages as BigQuery's subscription with a table schema does, and runs the text of its queries (infra/facts) as it is.
package bigquery

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"tidings.dev/infra/facts"
)

// Table is the table with its views. It is safe for concurrent use.
type Table struct {
	db      *sql.DB
	columns []facts.Column
}

// Open makes an empty table.
func Open() (*Table, error) {
	columns, err := facts.Columns()
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	t := &Table{db: db, columns: columns}
	if err := t.create(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return t, nil
}

// Close frees it.
func (t *Table) Close() error { return t.db.Close() }

// affinities are SQLite's types for BigQuery's. A date is its text: both order them alike.
var affinities = map[string]string{"STRING": "TEXT", "DATE": "TEXT", "INTEGER": "INTEGER"}

func (t *Table) create() error {
	var defined []string
	for _, c := range t.columns {
		affinity, ok := affinities[c.Type]
		if !ok {
			return fmt.Errorf("column %s: the stand-in has no type %s", c.Name, c.Type)
		}
		if c.Mode == "REQUIRED" {
			affinity += " NOT NULL"
		}
		defined = append(defined, c.Name+" "+affinity)
	}
	if _, err := t.db.Exec("CREATE TABLE " + facts.Table + " (" + strings.Join(defined, ", ") + ")"); err != nil {
		return err
	}
	for _, v := range facts.Views() {
		if _, err := t.db.Exec("CREATE VIEW " + v.Name + " AS " + v.SQL); err != nil {
			return fmt.Errorf("view %s: %w", v.Name, err)
		}
	}
	return nil
}

// Insert makes a row of each message's data, all or none. A message with a field that is no column, or with a value that is not of the
// column's type, is an error: BigQuery's subscription does not write it, and delivers it again.
func (t *Table) Insert(ctx context.Context, messages ...[]byte) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+facts.Table+" VALUES (?"+strings.Repeat(", ?", len(t.columns)-1)+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, m := range messages {
		values, err := t.values(m)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// values are a message's, in the order of the columns.
func (t *Table) values(message []byte) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(message))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("the message is no JSON object: %w", err)
	}
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		v, ok := fields[c.Name]
		if !ok && c.Mode == "REQUIRED" {
			return nil, fmt.Errorf("%s: it is required", c.Name)
		}
		delete(fields, c.Name)
		if values[i], ok = valueOf(c, v); !ok {
			return nil, fmt.Errorf("%s: %v is no %s", c.Name, v, c.Type)
		}
	}
	for name := range fields {
		return nil, fmt.Errorf("%s: there is no such column", name)
	}
	return values, nil
}

// valueOf is a field as the column stores it.
func valueOf(c facts.Column, v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return nil, c.Mode != "REQUIRED"
	case string:
		if c.Type == "DATE" {
			_, err := time.Parse(time.DateOnly, v)
			return v, err == nil
		}
		return v, c.Type == "STRING"
	case json.Number:
		n, err := v.Int64()
		return n, err == nil && c.Type == "INTEGER"
	}
	return nil, false
}

// Query asks, and returns each row as a T, by the names of the columns. Parameters are named in the query as @name.
func Query[T any](ctx context.Context, t *Table, query string, parameters map[string]any) ([]T, error) {
	columns, rows, err := t.query(ctx, query, parameters)
	if err != nil {
		return nil, err
	}
	all := make([]T, len(rows))
	for i, row := range rows {
		fields := map[string]any{}
		for n, name := range columns {
			fields[name] = row[n]
		}
		data, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// query asks, and returns the names of the columns and the rows.
func (t *Table) query(ctx context.Context, query string, parameters map[string]any) (columns []string, all [][]any, err error) {
	var args []any
	for name, value := range parameters {
		args = append(args, sql.Named(name, value))
	}
	rows, err := t.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, nil, err
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}
