// Package facts is where facts (shared/fact) are kept: the table and its views. Terraform (insight.tf) makes them in BigQuery from the same files.
package facts

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// BigQuery and SQLite, in which tests run the views, run the same text: it uses only what both dialects have. Times are whole microseconds
// and a percentile needs no division, since there the dialects differ.
var (
	//go:embed schema.json
	schema []byte
	//go:embed once.sql
	once string
	//go:embed rollup.sql
	rollup string
	//go:embed held.sql
	held string
	//go:embed log.sql
	log string
	//go:embed items.sql
	items string
)

// Table is the name of the table.
const Table = "facts"

// Column is a column of the table, as BigQuery's schemas have it.
type Column struct {
	Name        string `json:"name"` // as in a fact's JSON
	Type        string `json:"type"` // STRING, DATE or INTEGER
	Mode        string `json:"mode"` // REQUIRED or NULLABLE
	Description string `json:"description"`
}

// Columns are the columns of the table.
func Columns() ([]Column, error) {
	var columns []Column
	if err := json.Unmarshal(schema, &columns); err != nil {
		return nil, fmt.Errorf("facts: schema.json: %w", err)
	}
	return columns, nil
}

// View is a named query.
type View struct{ Name, SQL string }

// Views are the views, each after those that it reads.
func Views() []View {
	return []View{{"facts_once", named(once)}, {"facts_rollup", named(rollup)}, {"facts_held", named(held)}}
}

// Log is the query for what is known of one event, and Items that for what is known of its items besides. Their texts say what their
// parameters are.
func Log() string   { return named(log) }
func Items() string { return named(items) }

// Rollup is the query for the rows of facts_rollup of some days, to the last digit. See [ofDays].
func Rollup() string { return ofDays(rollup) + "ORDER BY type, channel, day" }

// Held is the query for the rows of facts_held of some days. See [ofDays].
func Held() string { return ofDays(held) + "ORDER BY type, channel, day, reason" }

// ofDays gives the rows of a view of the days from @from to @to, both of them included. The facts of the days before @since are not read, and
// not paid for: the table is partitioned by day. @since is [Earlier] days before @from. A date is a text (2026-11-27), of which BigQuery makes
// a DATE.
func ofDays(view string) string {
	return "WITH recent_facts AS (SELECT * FROM " + Table + " WHERE day >= @since),\n" +
		"recent_facts_once AS (\n" + strings.ReplaceAll(once, "${facts}", "recent_facts") + "),\n" +
		"wanted AS (\n" + strings.ReplaceAll(view, "${facts_once}", "recent_facts_once") + ")\n" +
		"SELECT * FROM wanted WHERE day >= @from AND day <= @to "
}

// Earlier is for how many days a fact can have been told before it is told again: Pub/Sub keeps a message for seven days, which begin and end
// within a day. Of the two the earlier one holds.
const Earlier = 8

// named puts the names of the table and the view into a query, where they stand without a project and a data set.
func named(query string) string {
	return strings.NewReplacer("${facts_once}", "facts_once", "${facts}", Table).Replace(query)
}
