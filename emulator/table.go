//go:build unix

package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"tidings.dev/emulator/stack"
)

// printTable writes where everything is, and what a newcomer can try first.
func printTable(out io.Writer, a stack.Addresses) {
	t := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t)
	for _, row := range [][3]string{
		{"Web demo", a.Web, "sign in as Alice, Bob, Carol, Dave or Erin"},
		{"Publish", a.Publish, "POST /v1/events: a product says what happened"},
		{"Settings", a.Settings, "GET, PUT /v1/people/{uid}/preferences: what a person wants to be told"},
		{"Notify", a.Notify, "Pub/Sub pushes events to it"},
		{"Dead letters", a.DeadLetters, "GET /v1/dead-letters: events that could not be processed, for operators"},
		{"Insight", a.Insight, "GET /v1/events/{source}/{id}/log: what became of an event, and why"},
		{"Webhooks", a.Webhooks, "GET /v1/outgoing: what products were told of their events, for operators"},
		{"Firestore", a.Firestore, "official emulator"},
		{"Pub/Sub", a.PubSub, "official emulator"},
		{"Auth", a.Auth, "official emulator"},
		{"FCM", a.FCM, "fake: GET /messages lists the pushes, POST /faults makes it fail"},
		{"Mailbox", a.Mailbox, "the mails that were sent, as a page; GET /messages as JSON"},
		{"Archive", a.Storage, "a stand-in for Cloud Storage, with what was published"},
		{"Clock", a.Clock, "GET / tells the time, POST /advance moves it"},
		{"GitHub", a.GitHub, "webhook, signed with the secret " + a.GitHubSecret},
		{"Alertmanager", a.Alertmanager, "webhook, with Authorization: Bearer " + a.AlertmanagerSecret},
		{"Orders", a.Orders, "CloudEvents, with a producer's token"},
	} {
		if row[1] != "" {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", row[0], row[1], row[2])
		}
	}
	t.Flush() // an error of standard output has nowhere to go
	fmt.Fprintln(out)
	if a.Web != "" {
		fmt.Fprintf(out, "  Open %s and press a button.\n", a.Web)
		fmt.Fprintf(out, "  A token for curl:         curl %s/producer-token (of an operator: /operator-token)\n", a.Web)
	}
	fmt.Fprintf(out, "  What was pushed to whom:  curl %s/messages\n", a.FCM)
	fmt.Fprintf(out, "  The mails:                open %s\n", a.Mailbox)
	if a.Storage != "" {
		fmt.Fprintf(out, "  What was published:       env $(curl -s %s/environment) go run ./infra/archive status\n", a.Storage)
	}
	fmt.Fprintf(out, "  Six minutes later:        curl -d '{\"by\":\"6m\"}' %s/advance\n", a.Clock)
	fmt.Fprintf(out, "  The programs' logs:       %s\n", a.Logs)
	fmt.Fprintln(out, "  Ctrl-C stops everything. Other machines cannot reach any of it.")
}
