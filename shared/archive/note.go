package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"cloud.google.com/go/storage"
)

// Note is an object that is written again and again, like a replay's checkpoint. It is in another bucket than the archive, whose objects cannot be changed.
type Note struct {
	name   string
	object *storage.ObjectHandle
}

// Note finds a note by its address, gs://BUCKET/NAME. Nothing is sent.
func (a *Archive) Note(address string) (Note, error) {
	bucket, name, ok := strings.Cut(strings.TrimPrefix(address, "gs://"), "/")
	if !ok || bucket == "" || name == "" || !strings.HasPrefix(address, "gs://") {
		return Note{}, fmt.Errorf("%q is no address of an object; gs://BUCKET/NAME was expected", address)
	}
	return Note{address, a.client.Bucket(bucket).Object(name).Retryer(storage.WithPolicy(storage.RetryAlways))}, nil
}

// Read reads the note; [fs.ErrNotExist] is in the error where there is none.
func (n Note) Read(ctx context.Context) ([]byte, error) {
	r, err := n.object.NewReader(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, fmt.Errorf("%s: %w", n.name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("archive: read %s: %w", n.name, err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("archive: read %s: %w", n.name, err)
	}
	return content, nil
}

// Write writes the note, whole or not at all.
func (n Note) Write(ctx context.Context, content []byte) error {
	w := n.Writer(ctx)
	_, err := w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("archive: write %s: %w", n.name, err)
	}
	return nil
}

// Writer writes the note piece by piece. It is there once the writer is closed, and never where ctx ends before.
func (n Note) Writer(ctx context.Context) io.WriteCloser { return n.object.NewWriter(ctx) }

// Remove removes the note.
func (n Note) Remove(ctx context.Context) error {
	if err := n.object.Delete(ctx); err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
		return fmt.Errorf("archive: remove %s: %w", n.name, err)
	}
	return nil
}
