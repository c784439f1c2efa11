package main

import "net/http"

// secured adds what tells a browser, and whatever lies between, to do as little as possible with an answer. Only the page of unsubscribe is for browsers, and has a policy of
// its own. No function names another origin that may read its answers (CORS): back ends and other systems call them, and no script of a page does.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers := w.Header()
		headers.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		headers.Set("Strict-Transport-Security", "max-age=63072000") // two years; without TLS browsers ignore it
		headers.Set("X-Content-Type-Options", "nosniff")
		headers.Set("Referrer-Policy", "no-referrer")
		headers.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}
