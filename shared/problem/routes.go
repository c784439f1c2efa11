package problem

import (
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Routes are the requests that a function serves, by method and path as [http.ServeMux] writes them: "POST /v1/events".
type Routes map[string]Handler

// Serve answers each route with its handler. Every other request gets a problem as well: 405 with the header Allow where another
// method would do, else 404. A path is taken as it is written: "/v1/events/" and "//v1/events" are other paths than "/v1/events", and
// nothing is redirected here, since a sender that follows a redirect may post nothing. (The framework's own server redirects a path with
// empty or dotted segments before it asks a function.)
func Serve(log *slog.Logger, routes Routes) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, Handle(log, h))
	}
	other := Handle(log, func(w http.ResponseWriter, r *http.Request) error {
		allowed := methods(mux, r)
		if len(allowed) == 0 {
			return New(http.StatusNotFound, "nothing is served under %q", clip(r.URL.Path))
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return New(http.StatusMethodNotAllowed, "the method is %s; %s was expected", clip(r.Method), strings.Join(allowed, " or "))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" || !isClean(r.URL) {
			other.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// methods lists those that the mux serves under the request's path.
func methods(mux *http.ServeMux, r *http.Request) (allowed []string) {
	if !isClean(r.URL) {
		return nil
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// isClean reports whether a path has no empty, "." or ".." segment. The mux would redirect to what it cleans. A slash that is
// percent-encoded is part of a segment.
func isClean(u *url.URL) bool {
	p := u.EscapedPath()
	return p == path.Clean(p) || p == path.Clean(p)+"/"
}

// clip keeps what a caller wrote quotable.
func clip(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
