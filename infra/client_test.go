//go:build unix

package infra_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/google"
)

// fields is the content of a document as Go values: nil, bool, int, float64, string, time.Time, ahead, []byte, []any, fields.
// In a write a value can also be serverTime, or removed.
type fields map[string]any

type sentinel int

const (
	serverTime sentinel = iota // the time of the request, as serverTimestamp() of the SDKs
	removed                    // the field goes, as deleteField() of the SDKs
)

// verdict is the answer of the rules.
type verdict string

const (
	allowed verdict = "allowed"
	refused verdict = "refused"
)

// database is a project of its own in the emulator, under the rules of this folder.
type database struct {
	host, project string
}

var projects atomic.Int64

// newDatabase makes an empty database for this test.
func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{
		host:    requireEmulator(t),
		project: fmt.Sprintf("demo-rules-%d-%d", time.Now().UnixNano(), projects.Add(1)),
	}
	if err := google.LoadRules(t.Context(), d.host, d.project, "firestore.rules"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		coverage.read(t, d)
		d.call(t, "DELETE", "/emulator/v1/"+d.root(), admin, nil)
	})
	return d
}

// person is who a request comes from: a uid, or one of the two below.
type person string

const (
	admin     person = "owner" // the Admin path of the functions: past the rules
	anonymous person = ""      // not signed in
)

// token is what a person sends. The emulator takes unsigned ones, and "owner" for the Admin path.
func (p person) token() string {
	if p == admin {
		return string(p)
	}
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // maps of strings can always be encoded
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return part(map[string]string{"alg": "none"}) + "." + part(map[string]string{"sub": string(p), "user_id": string(p)}) + "."
}

func (d *database) root() string {
	return "projects/" + d.project + "/databases/(default)/documents"
}

// call sends one request and returns its status and body.
func (d *database) call(t *testing.T, method, path string, who person, body any) (int, []byte) {
	t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, "http://"+d.host+path, content)
	if err != nil {
		t.Fatal(err)
	}
	if who != anonymous {
		req.Header.Set("Authorization", "Bearer "+who.token())
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// try sends a request to the Firestore API and returns the verdict. Whatever is neither a yes nor a no of the rules is a
// fault of the test.
func (d *database) try(t *testing.T, who person, method, path string, body any) verdict {
	t.Helper()
	status, answer := d.call(t, method, "/v1/"+d.root()+path, who, body)
	switch status {
	case http.StatusOK:
		return allowed
	case http.StatusForbidden:
		return refused
	}
	t.Fatalf("%s %s as %q: status %d: %s", method, path, who, status, answer)
	return ""
}

// seed puts a document there as the functions would.
func (d *database) seed(t *testing.T, path string, content fields) {
	t.Helper()
	if got := d.commit(t, admin, d.set(path, content)); got != allowed {
		t.Fatalf("seed %s: %s", path, got)
	}
}

func (d *database) get(t *testing.T, who person, path string) verdict {
	t.Helper()
	return d.try(t, who, "GET", "/"+path, nil)
}

// commit sends writes that are applied together or not at all.
func (d *database) commit(t *testing.T, who person, writes ...fields) verdict {
	t.Helper()
	return d.try(t, who, "POST", ":commit", fields{"writes": writes})
}

// create is a write that fails if the document exists.
func (d *database) create(path string, content fields) fields {
	w := d.set(path, content)
	w["currentDocument"] = fields{"exists": false}
	return w
}

// update is a write that changes the given fields of a document that exists; a name may be a dotted path.
func (d *database) update(path string, content fields) fields {
	w := d.set(path, content)
	w["currentDocument"] = fields{"exists": true}
	w["updateMask"] = fields{"fieldPaths": mask(content)}
	return w
}

// set is a write that replaces the document, or makes it.
func (d *database) set(path string, content fields) fields {
	plain, transforms := fields{}, []any{}
	for name, v := range content {
		switch v {
		case removed:
		case serverTime:
			transforms = append(transforms, fields{"fieldPath": name, "setToServerValue": "REQUEST_TIME"})
		default:
			place(plain, strings.Split(name, "."), v)
		}
	}
	return fields{
		"update":           fields{"name": d.root() + "/" + path, "fields": encode(plain)["mapValue"].(fields)["fields"]},
		"updateTransforms": transforms,
	}
}

func (d *database) delete(path string) fields {
	return fields{"delete": d.root() + "/" + path}
}

// mask lists the fields that a write names. Transformed fields are named by their transforms alone.
func mask(content fields) []string {
	paths := []string{}
	for name, v := range content {
		if v != serverTime {
			paths = append(paths, name)
		}
	}
	return paths
}

// place sets the value at a dotted path, making the maps on the way.
func place(into fields, path []string, v any) {
	if len(path) == 1 {
		into[path[0]] = v
		return
	}
	inner, ok := into[path[0]].(fields)
	if !ok {
		inner = fields{}
		into[path[0]] = inner
	}
	place(inner, path[1:], v)
}

// encode turns a Go value into the JSON form of the Firestore API.
func encode(v any) fields {
	switch v := v.(type) {
	case nil:
		return fields{"nullValue": nil}
	case bool:
		return fields{"booleanValue": v}
	case int:
		return fields{"integerValue": strconv.Itoa(v)}
	case float64:
		return fields{"doubleValue": v}
	case string:
		return fields{"stringValue": v}
	case time.Time:
		return fields{"timestampValue": v.UTC().Format(time.RFC3339Nano)}
	case ahead:
		return encode(time.Now().Add(time.Duration(v)))
	case []byte:
		return fields{"bytesValue": base64.StdEncoding.EncodeToString(v)}
	case []any:
		values := make([]any, len(v))
		for i := range v {
			values[i] = encode(v[i])
		}
		return fields{"arrayValue": fields{"values": values}}
	case fields:
		values := fields{}
		for name := range v {
			values[name] = encode(v[name])
		}
		return fields{"mapValue": fields{"fields": values}}
	}
	panic(fmt.Sprintf("no Firestore value for %T", v))
}
