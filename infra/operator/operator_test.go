//go:build unix

package operator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheLocalStacksToken: it is asked for once.
func TestTheLocalStacksToken(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/operator-token" {
			asked++
			fmt.Fprint(w, "t")
			return
		}
		fmt.Fprintf(w, "%s %s", r.Method, r.Header.Get("Authorization"))
	}))
	t.Cleanup(server.Close)
	c := &Client{URL: server.URL, TokenURL: server.URL + "/operator-token", Local: true}
	for range 2 {
		if got, err := c.Call(t.Context(), http.MethodGet, ""); err != nil || string(got) != "GET Bearer t" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if asked != 1 {
		t.Errorf("the token was asked for %d times", asked)
	}
}

// The token is gcloud's unless one is given, and goes nowhere but to an address of this function over TLS.
func TestConnect(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "gcloud"), []byte("#!/bin/sh\necho \"token of $*\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	const address = "https://deadletters-1.us-central1.run.app/v1/dead-letters"
	f := Function{Path: "/v1/dead-letters", Output: "dead_letters", Local: "http://127.0.0.1:7403/v1/dead-letters"}
	type options struct {
		url, token string
		emulator   bool
	}
	tests := []struct {
		o          options
		url, token string
		fails      string
	}{
		{options{url: address}, address, "token of auth print-identity-token", ""},
		{options{url: address + "/", token: "t"}, address, "t", ""},
		{options{emulator: true}, f.Local, "", ""},
		{options{}, "", "", "-url is empty"},
		{options{url: "http://example.com/v1/dead-letters"}, "", "", "https://"},
		{options{url: "https://example.com"}, "", "", "/v1/dead-letters was expected"},
	}
	for _, test := range tests {
		c, err := f.Connect(t.Context(), test.o.url, test.o.token, test.o.emulator)
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) {
				t.Errorf("%+v: got %v, want %q", test.o, err, test.fails)
			}
		} else if err != nil || c.URL != test.url || c.Token != test.token {
			t.Errorf("%+v: got %+v, %v", test.o, c, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := f.Connect(t.Context(), address, "", false); err == nil || !strings.Contains(err.Error(), "-token") {
		t.Errorf("without gcloud: got %v", err)
	}
}
