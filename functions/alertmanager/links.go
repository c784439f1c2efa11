package alertmanager

import (
	"net/url"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// link is the first address that a client can open, of what helps most: how to deal with the alert, what it looks like, what
// it is made of. It is "" where there is none.
func (m *message) link(a *alert) string {
	for _, found := range []struct {
		address string
		made    bool // by the sender, and not written by a person
	}{
		{a.annotations["runbook_url"], false}, {a.annotations["runbook"], false},
		{a.panelURL, true}, {a.annotations["panel_url"], false},
		{a.dashboardURL, true}, {a.annotations["dashboard_url"], false}, {a.annotations["dashboard"], false},
		{a.generatorURL, true},
	} {
		if address := m.absolute(found.address, found.made); address != "" {
			return address
		}
	}
	return ""
}

// absolute is the address where it is one of the web. A path is one of the sender's: as it is, it would lead to a page of the
// product's own. What a person wrote is a path only if it begins with "/", and not "n/a". All else is "", such as javascript:.
func (m *message) absolute(address string, made bool) string {
	u, err := url.Parse(address)
	if address == "" || err != nil || strings.Contains(address, `\`) || strings.HasPrefix(address, "//") {
		return ""
	}
	if u.Scheme == "" && m.externalURL != nil && (made || strings.HasPrefix(address, "/")) {
		u = m.externalURL.ResolveReference(u)
		address = u.String()
	}
	if u.Scheme == "" || !opens(address) { // what has no scheme would open, as a path of the product's own
		return ""
	}
	return address
}

// base is the sender's address, to which links are relative; nil where it is none, or longer than a link may be.
func base(address string) *url.URL {
	u, err := url.Parse(strings.TrimRight(address, "/") + "/")
	if err != nil || len(address) > event.MaxURL {
		return nil
	}
	return u
}

// opens reports whether clients open the address: [event.Event.Validate] knows.
func opens(address string) bool {
	e := event.Event{Target: event.Target{URL: address}}
	for _, wrong := range e.Validate(time.Time{}) {
		if wrong.Field == "target.url" {
			return false
		}
	}
	return true
}
