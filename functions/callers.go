package main

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/idtoken"

	"tidings.dev/shared/callers"
	"tidings.dev/shared/topology"
)

// callerConfig says who may call the functions that are not public.
type callerConfig struct {
	Accounts map[topology.Caller][]string // CALLER_ACCOUNTS: by the kind of caller; nil: nobody looks
	Keys     string                       // CALLER_KEYS: a file with the keys that sign tokens on a laptop; empty is Google's
}

// callerKinds are what CALLER_ACCOUNTS may name.
var callerKinds = []topology.Caller{topology.PubSub, topology.Eventarc, topology.Scheduler, topology.Operator}

func readCallers(lookup func(string) string, problems *problems) (c callerConfig) {
	c.Keys = lookup("CALLER_KEYS")
	for _, entry := range list(lookup("CALLER_ACCOUNTS")) {
		kind, account, _ := strings.Cut(entry, "=")
		if !slices.Contains(callerKinds, topology.Caller(kind)) || !strings.Contains(account, "@") {
			problems.add("CALLER_ACCOUNTS has the entry %q; pubsub, eventarc, scheduler or operator, \"=\" and an e-mail address were expected", entry)
			continue
		}
		if c.Accounts == nil {
			c.Accounts = map[topology.Caller][]string{}
		}
		c.Accounts[topology.Caller(kind)] = append(c.Accounts[topology.Caller(kind)], account)
	}
	return c
}

// checkTarget looks whether those who must call the target may. A function that has no operators yet is no mistake.
func (c callerConfig) checkTarget(target string, problems *problems) {
	f, _ := topology.Deployed().Function(target)
	for _, kind := range f.Callers {
		if kind != topology.Public && kind != topology.Operator && len(c.Accounts[kind]) == 0 {
			problems.add("CALLER_ACCOUNTS names no account for %s; %s is called by it, and refuses everybody else: add %[1]s=ACCOUNT", kind, target)
		}
	}
}

// guarded serves a function to those who may call it.
func guarded(cfg config, f topology.Function, serve http.Handler, log *slog.Logger) (http.Handler, error) {
	if cfg.Callers.Accounts == nil || slices.Contains(f.Callers, topology.Public) {
		return serve, nil
	}
	check := callers.Check{CloudRun: cfg.CloudRun, Validate: idtoken.Validate}
	if cfg.Callers.Keys != "" {
		var err error
		if check.Validate, err = callers.WithKeys(cfg.Callers.Keys); err != nil {
			return nil, err
		}
	}
	by, table := map[topology.Caller]http.Handler{}, topology.Deployed()
	for _, kind := range callerKinds {
		by[kind] = check.Only(cfg.Callers.Accounts[kind], serve, log)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by[table.CallerAt(f, r.URL.Path)].ServeHTTP(w, r)
	}), nil
}
