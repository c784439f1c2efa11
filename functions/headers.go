package main

import (
	"maps"
	"net/http"
)

// strict are the headers of each answer. Their values are shared: nothing adds another one to them.
var strict = http.Header{
	"Content-Security-Policy":   {"default-src 'none'; frame-ancestors 'none'"},
	"Strict-Transport-Security": {"max-age=63072000"}, // two years; without TLS browsers ignore it
	"X-Content-Type-Options":    {"nosniff"},
	"Referrer-Policy":           {"no-referrer"},
	"Cache-Control":             {"no-store"},
}

// secured adds what tells a browser, and whatever lies between, to do as little as possible with an answer. Only the page of unsubscribe is for browsers, and has a policy of
// its own. No function names another origin that may read its answers (CORS): back ends and other systems call them, and no script of a page does.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), strict)
		h.ServeHTTP(w, r)
	})
}
