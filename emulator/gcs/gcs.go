// Package gcs is the local stack's Cloud Storage, of fake-gcs-server (there is no official emulator), and what Pub/Sub's Cloud Storage subscriptions do with it: they write
// what is published into objects (writer.go).
package gcs

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"google.golang.org/api/option"

	"tidings.dev/shared/archive"
)

// Server is a Cloud Storage with some buckets. It is safe for concurrent use.
type Server struct {
	server *fakestorage.Server
	bucket string // the first one

	mu      sync.Mutex
	writers []*Writer
}

// New makes a server, with buckets that are empty. The objects are files below the folder; "" keeps them in memory.
func New(folder string, buckets ...string) (*Server, error) {
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{StorageRoot: folder, NoListener: true, Writer: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("gcs: %w", err)
	}
	for _, name := range buckets {
		server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: name})
	}
	return &Server{server: server, bucket: buckets[0]}, nil
}

// Handler serves what a client of Cloud Storage asks. Whoever lists objects sees all that was published: what the writers hold is written first.
func (s *Server) Handler() http.Handler {
	storage := s.server.HTTPHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/o") {
			if err := s.flush(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		storage.ServeHTTP(w, r)
	})
}

// Options lead a client of Cloud Storage to the server, in this process.
func (s *Server) Options() []option.ClientOption {
	return []option.ClientOption{option.WithHTTPClient(&http.Client{Transport: s.server.HTTPClient().Transport})}
}

// Put writes an object into the first bucket. One of that name is replaced.
func (s *Server) Put(name string, content []byte) error {
	o := fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: s.bucket, Name: name}, Content: content}
	if err := s.server.CreateObjectStreaming(o.StreamingObject()); err != nil {
		return fmt.Errorf("gcs: %s: %w", name, err)
	}
	return nil
}

// Get reads an object of the first bucket.
func (s *Server) Get(name string) ([]byte, error) {
	o, err := s.server.GetObject(s.bucket, name)
	if err != nil {
		return nil, fmt.Errorf("gcs: %s: %w", name, err)
	}
	return o.Content, nil
}

// Delete deletes an object of the first bucket.
func (s *Server) Delete(name string) error {
	return s.server.Backend().DeleteObject(s.bucket, name)
}

// Write writes messages of one topic as an object that was begun then, under a name that has the given text for Pub/Sub's random one, and returns the name.
func (s *Server) Write(subscription string, begun time.Time, unique string, messages []archive.Message) (string, error) {
	content, err := archive.Encode(subscription, messages)
	if err != nil {
		return "", err
	}
	name := archive.Prefix(messages[0].Topic, begun) + begun.UTC().Format("15_04_05Z_") + unique + ".avro"
	return name, s.Put(name, content)
}
