package door

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.dev/shared/problem"
)

const most = 1000

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func TestBodiesAreReadAsTheyWereMeantOrNotAtAll(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("x", most)
	tests := []struct {
		name, encoding, contentType, body string
		status                            int // 0 is read
		want                              string
	}{
		{"plain", "", "application/json", "{}", 0, "{}"},
		{"identity", "identity", "", "{}", 0, "{}"},
		{"gzip", "gzip", "application/json; charset=UTF-8", zipped("{}"), 0, "{}"},
		{"gzip by its other name", "X-GZIP", "", zipped("{}"), 0, "{}"},
		{"gzip in two parts", "gzip", "", zipped("{") + zipped("}"), 0, "{}"},
		{"a byte order mark", "", "", "\ufeff{}", 0, "{}"},
		{"a byte order mark in gzip", "gzip", "", zipped("\ufeff{}"), 0, "{}"},
		{"a charset that is UTF-8", "", "text/json; charset=us-ascii", "{}", 0, "{}"},
		{"not a content type", "", ";;", "{}", 0, "{}"},
		{"as much as is taken", "", "", full, 0, full},
		{"as much, in gzip", "gzip", "", zipped(full), 0, full},

		{"more than is taken", "", "", full + "x", 413, ""},
		{"more, in gzip", "gzip", "", zipped(full + "x"), 413, ""},
		{"a bomb", "gzip", "", zipped(strings.Repeat("x", 900*most)), 413, ""},
		{"a bomb that is large itself", "gzip", "", zipped(strings.Repeat("x", 9_000*most)), 413, ""},
		{"no gzip", "gzip", "", "{}", 400, ""},
		{"gzip that ends early", "gzip", "", zipped("{}")[:20], 400, ""},
		{"gzip with something behind it", "gzip", "", zipped("{}") + "{}", 400, ""},
		{"nothing, as gzip", "gzip", "", "", 400, ""},
		{"deflate", "deflate", "", "{}", 415, ""},
		{"brotli", "br", "", "{}", 415, ""},
		{"gzip twice", "gzip, gzip", "", zipped(zipped("{}")), 415, ""},
		{"another charset", "", "application/json; charset=ISO-8859-1", "{}", 415, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for name, body := range map[string]io.Reader{"": strings.NewReader(test.body), "of unknown length": io.MultiReader(strings.NewReader(test.body))} {
				r, w := httptest.NewRequest(http.MethodPost, "/", body), httptest.NewRecorder()
				r.Header.Set("Content-Type", test.contentType)
				if test.encoding != "" {
					r.Header.Set("Content-Encoding", test.encoding)
				}
				got, err := Read(w, r, most)
				status, p := 0, new(problem.Problem)
				if errors.As(err, &p) {
					status = p.Status
				}
				if status != test.status || string(got.Text) != test.want || err == nil && string(got.Raw) != test.body {
					t.Errorf("%s: got %d %.20q, %v; want %d %.20q", name, status, got.Text, err, test.status, test.want)
				}
				if got := w.Header().Get("Accept-Encoding"); (got == "gzip") != (test.status == 415 && test.encoding != "") {
					t.Errorf("Accept-Encoding: %q", got)
				}
			}
		})
	}
}
