//go:build unix

package stack

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"tidings.dev/emulator/oidc"
	"tidings.dev/shared/topology"
)

// callerAccounts are the accounts that call functions, as infra/callers.tf has them, and the one operator of a laptop.
var callerAccounts = map[topology.Caller]string{
	topology.PubSub:    "tidings-pubsub@" + Project + ".iam.gserviceaccount.com",
	topology.Eventarc:  "tidings-eventarc@" + Project + ".iam.gserviceaccount.com",
	topology.Scheduler: "tidings-scheduler@" + Project + ".iam.gserviceaccount.com",
	topology.Operator:  "operator@example.com",
}

// startSigner makes the key that the callers' tokens are signed with. The functions read its public half from a file.
func (s *Stack) startSigner() (err error) {
	if s.signer, err = oidc.New(); err != nil {
		return err
	}
	s.keys = filepath.Join(s.dir, "keys.json")
	if err := s.signer.WriteKeys(s.keys); err != nil {
		return err
	}
	s.Addresses.OperatorToken, err = s.CallerToken(topology.Operator, "deadletters")
	return err
}

// callers are the variables by which the functions know who may call them.
func (s *Stack) callers() []string {
	var accounts []string
	for kind, account := range callerAccounts {
		accounts = append(accounts, string(kind)+"="+account)
	}
	return []string{"CALLER_ACCOUNTS=" + strings.Join(accounts, ","), "CALLER_KEYS=" + s.keys}
}

// URL returns where a function is served, without a path.
func (s *Stack) URL(function string) string { return s.urls[function] }

// CallerToken returns a token with which such a caller calls the function. It is good for at least 50 minutes.
func (s *Stack) CallerToken(caller topology.Caller, function string) (string, error) {
	return s.signer.Token(callerAccounts[caller], s.urls[function])
}

// authorize adds the caller's token to a request that is about to be made, for the function at that address, and counts the request.
func (s *Stack) authorize(caller topology.Caller, address *url.URL, header http.Header) error {
	base := address.Scheme + "://" + address.Host
	token, err := s.signer.Token(callerAccounts[caller], base)
	if err == nil {
		header.Set("Authorization", "Bearer "+token)
		s.mu.Lock()
		s.calls[base]++
		s.mu.Unlock()
	}
	return err
}

// Calls returns how many requests Pub/Sub, Eventarc and the scheduler have made to a function, repeated ones too.
func (s *Stack) Calls(function string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[s.urls[function]]
}
