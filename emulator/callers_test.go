//go:build unix

package main

import (
	"net/http"
	"slices"
	"testing"

	"tidings.dev/shared/topology"
)

// TestOnlyItsCallersCallAFunction: at each path of each function that is not public, the tokens of all kinds of callers, a producer's, and none.
func TestOnlyItsCallersCallAFunction(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	table := topology.Deployed()
	calls := map[string][]string{"deadletters": {"/deadletters", "/v1/dead-letters"}} // by function, paths
	for _, s := range table.Subscriptions {
		calls[s.Function] = append(calls[s.Function], s.Path)
	}
	for _, e := range table.Triggers {
		calls[e.Function] = append(calls[e.Function], e.Path)
	}
	for _, j := range table.Jobs {
		calls[j.Function] = append(calls[j.Function], j.Path)
	}
	for name, paths := range calls {
		f, _ := table.Function(name)
		for _, path := range paths {
			tokens := map[string]string{"nobody": "", "a producer": "Bearer " + system.Addresses.ProducerToken}
			for _, kind := range []topology.Caller{topology.PubSub, topology.Eventarc, topology.Scheduler, topology.Operator} {
				token, err := system.CallerToken(kind, name)
				if err != nil {
					t.Fatal(err)
				}
				tokens[string(kind)] = "Bearer " + token
			}
			for who, authorization := range tokens {
				// What no function takes, so that nothing happens where it is let in.
				status, body := call(t, http.MethodPatch, system.URL(name)+path, "", map[string]string{"Authorization": authorization})
				want := []int{http.StatusForbidden}
				switch who {
				case "nobody":
					want = []int{http.StatusUnauthorized}
				case string(table.CallerAt(f, path)):
					want = []int{http.StatusMethodNotAllowed, http.StatusNotFound}
				}
				if !slices.Contains(want, status) {
					t.Errorf("%s %s, called by %s: %d %s, want %d", name, path, who, status, body, want)
				}
			}
		}
	}
}
