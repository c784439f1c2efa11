//go:build unix

package stack

import (
	"tidings.dev/emulator/bigquery"
	"tidings.dev/shared/topology"
)

// factsKey makes persons of uids in the facts of a laptop.
const factsKey = "the-laptops-key-of-persons-in-facts"

// toBigQuery is the subscription by which Pub/Sub writes facts into BigQuery (infra/insight.tf). Here the dispatcher brings them to the
// stand-in, with the same waits; what the table refuses comes again.
var toBigQuery = topology.Subscription{Name: "facts-bigquery", Topic: "facts", Path: "/push", AckDeadline: 60, MinBackoff: 10, MaxBackoff: 600}

// startBigQuery starts what stands in for BigQuery, where facts are wanted.
func (s *Stack) startBigQuery(ports *ports) (err error) {
	if !s.opts.Insight {
		return nil
	}
	if s.Facts, err = bigquery.Open(); err != nil {
		return err
	}
	s.serve(ports.take(bigqueryPort), bigquery.NewServer(s.Facts))
	return nil
}

// insight has the functions tell facts, and read them from the stand-in.
func (s *Stack) insight() []string {
	if s.Facts == nil {
		return nil
	}
	return []string{"FACTS_KEY=" + factsKey, "BEACON_URL=" + s.urls["beacon"], "BIGQUERY_ENDPOINT=" + s.Addresses.BigQuery + "/bigquery/v2/"}
}
