package tap

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protojson"
)

// OpenToPages is [Open] for what a web page does: besides the SDK's gRPC, the same address takes the requests that the web package makes by itself,
// since they outlive the page. It is slower than Open, because net/http carries both.
func OpenToPages(target string) (*Tap, error) {
	t, l, err := listenFor(target)
	if err != nil {
		return nil, err
	}
	rest := t.restTo(target)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	t.rest = &http.Server{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			t.server.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})}
	go func() { _ = t.rest.Serve(l) }() // ends with Close
	return t, nil
}

// restTo passes requests of Firestore's REST interface on, and counts them. Disturb does not reach them.
func (t *Tap) restTo(target string) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target})
	proxy.ModifyResponse = t.countREST
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Method != http.MethodGet {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			t.countRESTWrites(r, body)
		}
		proxy.ServeHTTP(w, r)
	})
}

// countRESTWrites counts what a request writes: the methods of Firestore's REST interface that the web package uses, and their siblings.
func (t *Tap) countRESTWrites(r *http.Request, body []byte) {
	path, isDocument := strings.CutPrefix(r.URL.Path[strings.LastIndex(r.URL.Path, "/documents")+1:], "documents/")
	name := "x/documents/" + path
	var writes []*pb.Write
	switch {
	case strings.HasSuffix(r.URL.Path, ":commit"):
		var request pb.CommitRequest
		_ = protojson.Unmarshal(body, &request) // the emulator will say what is wrong
		writes = request.Writes
	case isDocument && r.Method == http.MethodDelete:
		writes = []*pb.Write{{Operation: &pb.Write_Delete{Delete: name}}}
	case isDocument && r.Method == http.MethodPatch:
		var document pb.Document
		_ = protojson.Unmarshal(body, &document)
		document.Name = name
		writes = []*pb.Write{{Operation: &pb.Write_Update{Update: &document}}}
	}
	for _, w := range writes {
		t.countWrite(w.GetDelete() != "")
		t.tell(w)
	}
}

// countREST counts what an answer has read.
func (t *Tap) countREST(res *http.Response) error {
	r := res.Request
	several := strings.HasSuffix(r.URL.Path, ":batchGet") || strings.HasSuffix(r.URL.Path, ":runQuery")
	switch {
	case several:
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		t.counters.reads.Add(documentsIn(body))
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/documents/"):
		t.counters.reads.Add(1)
	}
	return nil
}

// documentsIn is how many reads the answer to a query, or to a list of names, is billed as.
func documentsIn(body []byte) int64 {
	var entries []struct {
		Document, Found json.RawMessage
		Missing         string
	}
	_ = json.Unmarshal(body, &entries) // an error is no list
	reads := int64(0)
	for _, e := range entries {
		if e.Document != nil || e.Found != nil || e.Missing != "" {
			reads++
		}
	}
	return max(reads, 1)
}
