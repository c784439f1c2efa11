package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
	"tidings.dev/shared/topics"
)

// Case is a source under test.
type Case struct {
	Source source.Source
	Links  map[string]string // uids by login, as [Start] takes them
	Body   string            // of a request that makes at least one event

	// Request is a verified request with that body, to the source's path.
	Request func(body io.Reader) *http.Request
	// Forgeries change a verified request into one that must not be.
	Forgeries map[string]func(r *http.Request)
}

// Run holds the source to what all sources promise.
func Run(t *testing.T, c Case) {
	for name, check := range map[string]func(*testing.T){
		"a delivery is published, and the same one again is the same events": c.repeated,
		"what cannot be verified publishes nothing":                          c.forged,
		"only posts, to its path":                                            c.onlyPosts,
		"a body that is compressed, or has a byte order mark":                c.coded,
		"25 MB are refused without being read":                               c.large,
		"a body that ends early, or is not the source's":                     c.broken,
		"what cannot be stored now may be sent again":                        c.away,
		"the mapping holds":                                                  c.holds,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t)
		})
	}
}

func (c *Case) repeated(t *testing.T) {
	s := Start(t, c.Source, c.Links)
	first := s.Send(t, c.request())
	events := s.Published(t)
	if len(events) == 0 {
		t.Fatal("nothing was published")
	}
	second := s.Send(t, c.request())
	both := s.Published(t)
	named := c.namedIDs(t)
	for _, ids := range [][]string{first.IDs, second.IDs} {
		for i := range ids {
			ids[i] = named[ids[i]]
		}
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the answer to a repeated delivery (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(unnamed(append(events, events...), named), unnamed(both, named)); diff != "" {
		t.Errorf("a repeated delivery (-first twice +both):\n%s", diff)
	}
}

func (c *Case) forged(t *testing.T) {
	for name, forge := range c.Forgeries {
		r := c.request()
		forge(r)
		w := c.refused(t, r, http.StatusUnauthorized)
		if w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	if len(c.Forgeries) == 0 {
		t.Error("there are no forgeries")
	}
}

func (c *Case) onlyPosts(t *testing.T) {
	r := c.request()
	r.Method = http.MethodGet
	if got := c.refused(t, r, http.StatusMethodNotAllowed).Header().Get("Allow"); got != http.MethodPost {
		t.Errorf("Allow: %q", got)
	}
	for _, path := range []string{"/", "/" + c.Source.Name() + "/", "/" + c.Source.Name() + "/x"} {
		r := c.request()
		r.URL.Path = path
		c.refused(t, r, http.StatusNotFound)
	}
}

func (c *Case) coded(t *testing.T) {
	want := len(Start(t, c.Source, c.Links).Send(t, c.request()).IDs)
	for name, body := range map[string]string{"gzip": compress(t, c.Body), "byte order mark": "\ufeff" + c.Body} {
		r := c.Request(strings.NewReader(body)) // verified as it is sent
		if name == "gzip" {
			r.Header.Set("Content-Encoding", "gzip")
		}
		if got := len(Start(t, c.Source, c.Links).Send(t, r).IDs); got != want {
			t.Errorf("%s: %d events were published, plain %d", name, got, want)
		}
	}
	r := c.Request(strings.NewReader(compress(t, strings.Repeat(" ", source.MaxBody+1))))
	r.Header.Set("Content-Encoding", "gzip")
	c.refused(t, r, http.StatusRequestEntityTooLarge)
	r = c.request()
	r.Header.Set("Content-Encoding", "br")
	c.refused(t, r, http.StatusUnsupportedMediaType)
}

func (c *Case) large(t *testing.T) {
	for name, length := range map[string]int64{"by their length": 25 << 20, "of unknown length": -1} {
		r, body := c.request(), &counter{left: 25 << 20}
		r.Body, r.ContentLength = io.NopCloser(body), length
		c.refused(t, r, http.StatusRequestEntityTooLarge)
		if limit := int64(source.MaxBody + 1); length > 0 && body.read > 0 || body.read > limit {
			t.Errorf("%s: %d bytes were read", name, body.read)
		}
	}
}

func (c *Case) broken(t *testing.T) {
	r := c.request()
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(c.Body[:10])), broken{}))
	c.refused(t, r, http.StatusBadRequest)
	for _, body := range []string{"", "{", "null", "[]", `"x"`, "7"} {
		c.refused(t, c.Request(bytes.NewReader([]byte(body))), http.StatusBadRequest)
	}
}

func (c *Case) away(t *testing.T) {
	for _, s := range []*Service{
		Start(t, c.Source, c.Links, topics.Events, topics.Urgent),
		start(t, c.Source, func(context.Context, string, []string) (map[string]string, error) {
			return nil, errors.New("store: away")
		}),
	} {
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, c.request())
		if w.Code == http.StatusAccepted && c.Links == nil {
			continue // it asks for no logins
		}
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("got %d %s, want a 503 with Retry-After", w.Code, w.Body)
		}
	}
}

func (c *Case) holds(t *testing.T) {
	Holds(t, c.Source, c.request().Header, []byte(c.Body))
}

// namedIDs are the ids that the source names: those of its events that tell a state are made anew at each delivery.
func (c *Case) namedIDs(t *testing.T) map[string]string {
	t.Helper()
	mapped, err := c.Source.Map(c.request().Header, []byte(c.Body))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, e := range mapped.Events {
		named[e.ID] = e.ID
	}
	return named
}

// unnamed is the events as JSON, without the ids that the source does not name, in an order of their own.
func unnamed(events []event.Event, named map[string]string) (all []string) {
	for _, e := range events {
		e.ID = named[e.ID]
		raw, _ := json.Marshal(e) // it was published as such
		all = append(all, string(raw))
	}
	slices.Sort(all)
	return all
}

func (c *Case) request() *http.Request { return c.Request(bytes.NewReader([]byte(c.Body))) }

// refused sends the request to a service of its own, and sees that it answers with a problem and publishes nothing.
func (c *Case) refused(t *testing.T, r *http.Request, status int) *httptest.ResponseRecorder {
	t.Helper()
	s := Start(t, c.Source, c.Links)
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s %s, want a problem of %d", w.Code, w.Header().Get("Content-Type"), w.Body, status)
	}
	if n := len(s.PubSub.Messages()); n != 0 {
		t.Errorf("%d messages were published", n)
	}
	return w
}

func compress(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// counter is a body that knows how much of it was read.
type counter struct{ left, read int64 }

func (c *counter) Read(p []byte) (int, error) {
	n := min(int64(len(p)), c.left)
	if n == 0 {
		return 0, io.EOF
	}
	c.left, c.read = c.left-n, c.read+n
	return int(n), nil
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
