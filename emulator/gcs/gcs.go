// Package gcs is the local stack's Cloud Storage, in memory (there is no official emulator), and what Pub/Sub's Cloud Storage subscriptions do with it: they write
// what is published into objects (writer.go).
package gcs

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"google.golang.org/api/option"

	"tidings.dev/shared/archive"
)

// Server is a Cloud Storage with one bucket. It is safe for concurrent use.
type Server struct {
	server *fakestorage.Server
	bucket string
}

// Start serves on a port of the loopback interface; 0 serves nowhere, and only [Server.Options] lead to it. The bucket is there, and empty. The caller closes the server.
func Start(bucket string, port uint16) (*Server, error) {
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", Port: port, NoListener: port == 0, Writer: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("gcs: %w", err)
	}
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: bucket})
	return &Server{server, bucket}, nil
}

// Close ends the server.
func (s *Server) Close() { s.server.Stop() }

// Options lead a client of Cloud Storage to the server.
func (s *Server) Options() []option.ClientOption {
	return []option.ClientOption{option.WithHTTPClient(&http.Client{Transport: s.server.HTTPClient().Transport})}
}

// Put writes an object. One of that name is replaced.
func (s *Server) Put(name string, content []byte) {
	s.server.CreateObject(fakestorage.Object{ObjectAttrs: fakestorage.ObjectAttrs{BucketName: s.bucket, Name: name}, Content: content})
}

// Get reads an object.
func (s *Server) Get(name string) ([]byte, error) {
	o, err := s.server.GetObject(s.bucket, name)
	if err != nil {
		return nil, fmt.Errorf("gcs: %s: %w", name, err)
	}
	return o.Content, nil
}

// Delete deletes an object.
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
	s.Put(name, content)
	return name, nil
}
