package door

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"tidings.dev/shared/problem"
)

// Body is what a request brought.
type Body struct {
	Raw  []byte // as it was sent, which is what signatures are made over
	Text []byte // without its encoding and without a byte order mark
}

// Read reads a body of at most limit bytes, as it is sent and as it is decoded. gzip is decoded; another Content-Encoding, and a charset
// other than UTF-8, is a 415. A body that is too large by the request's own word is refused before a byte of it is read, and one that
// grows too large while it is decoded is read no further.
func Read(w http.ResponseWriter, r *http.Request, limit int64) (Body, error) {
	if err := readable(w, r); err != nil {
		return Body{}, err
	}
	if r.ContentLength > limit {
		return Body{}, tooLarge(w, limit)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return Body{}, tooLarge(w, limit)
	}
	if err != nil {
		return Body{}, problem.New(http.StatusBadRequest, "the body ended early").Because(err)
	}
	text := raw
	if encoding(r) == "gzip" {
		if text, err = gunzip(raw, limit); err != nil {
			return Body{}, err
		}
		if int64(len(text)) > limit {
			return Body{}, tooLarge(w, limit)
		}
	}
	return Body{Raw: raw, Text: bytes.TrimPrefix(text, []byte("\ufeff"))}, nil
}

// readable refuses a body that would be read as something else than was sent.
func readable(w http.ResponseWriter, r *http.Request) error {
	if coding := encoding(r); coding != "" && coding != "gzip" {
		w.Header().Set("Accept-Encoding", "gzip") // RFC 9110, 15.5.16
		return problem.New(http.StatusUnsupportedMediaType, "Content-Encoding: is %q; gzip or none was expected", clip(coding))
	}
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	default:
		return problem.New(http.StatusUnsupportedMediaType, "Content-Type: the charset is %q; utf-8 was expected", clip(charset))
	}
}

// encoding is the request's content coding, "" where there is none.
func encoding(r *http.Request) string {
	switch coding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ", "))); coding {
	case "identity":
		return ""
	case "x-gzip": // the same, RFC 9110, 8.4.1.3
		return "gzip"
	default:
		return coding
	}
}

// gunzip decodes at most one byte more than limit.
func gunzip(raw []byte, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(z, limit+1)); err == nil {
			return text, nil
		}
	}
	return nil, problem.New(http.StatusBadRequest, "Content-Encoding: is gzip, but the body is no whole gzip stream").Because(err)
}

func tooLarge(w http.ResponseWriter, limit int64) error {
	w.Header().Set("Connection", "close") // rather than read on to use the connection again
	p := problem.New(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes; send less in each request", limit)
	p.Errors.Add("(request body)", "is larger than %d bytes", limit)
	return p
}

// clip keeps what a caller wrote quotable.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
