package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// ExportFormat names the form of an export file.
const ExportFormat = "tidings.export/1"

// ErrExport says that what was to be imported is no export, or has a document that is not the person's.
var ErrExport = errors.New("store: not an export of a person")

// importSize is how many bytes of documents are written in a call; Firestore takes 10 MiB.
const importSize = 4 << 20

// Import writes the documents of an export file as they are, over those that are there, and returns how many. A list of an audience it does not write over: it
// adds the person to those who are in it, and makes one that is not there. The same file again changes nothing. It reads
// the file once and keeps 4 MiB of it in memory, so an error may come when some documents have been written: then import the whole file once more.
func (s *Store) Import(ctx context.Context, file io.Reader) (written int, err error) {
	d := json.NewDecoder(file)
	im := &importing{Store: s}
	if err := im.open(d); err != nil {
		return 0, err
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return im.written, fmt.Errorf("%w: %v", ErrExport, err)
		}
		if err := im.add(ctx, raw); err != nil {
			return im.written, err
		}
	}
	if _, err := d.Token(); err != nil { // the end of the list: a download that broke off has none
		return im.written, fmt.Errorf("%w: it ends too early (%v)", ErrExport, err)
	}
	return im.written, im.flush(ctx)
}

type importing struct {
	*Store
	uid     string
	writes  []*pb.Write
	size    int
	written int
}

// open reads the file up to its documents.
func (im *importing) open(d *json.Decoder) error {
	format := ""
	for {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("%w: %v", ErrExport, err)
		}
		switch token {
		case "format":
			err = d.Decode(&format)
		case "uid":
			err = d.Decode(&im.uid)
		case "exportedAt":
			_, err = d.Token()
		case "documents":
			if format != ExportFormat || !isID(im.uid) {
				return fmt.Errorf("%w: format is %.100q and uid %.100q; %q and a uid were expected", ErrExport, format, im.uid, ExportFormat)
			}
			if start, err := d.Token(); err != nil || start != json.Delim('[') {
				return fmt.Errorf("%w: documents is no list", ErrExport)
			}
			return nil
		case json.Delim('{'):
		default:
			return fmt.Errorf("%w: %.100q was not expected", ErrExport, fmt.Sprint(token))
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrExport, err)
		}
	}
}

// add takes a document, and writes those before it where there are enough.
func (im *importing) add(ctx context.Context, raw []byte) error {
	doc := new(pb.Document)
	if err := protojson.Unmarshal(raw, doc); err != nil {
		return fmt.Errorf("%w: a document: %v", ErrExport, err)
	}
	if !im.theirs(doc) {
		return fmt.Errorf("%w: %.200q is no document of %q", ErrExport, doc.Name, im.uid)
	}
	if im.size += len(raw); im.size > importSize || len(im.writes) == MaxBatch {
		if err := im.flush(ctx); err != nil {
			return err
		}
		im.size = len(raw)
	}
	list := isList(Path(doc.Name))
	if doc.Name = im.resource(doc.Name); list {
		im.writes = append(im.writes, enlist(doc.Name, im.uid))
	} else {
		im.writes = append(im.writes, &pb.Write{Operation: &pb.Write_Update{Update: doc}})
	}
	return nil
}

func (im *importing) flush(ctx context.Context) error {
	if err := im.commit(ctx, im.writes); err != nil {
		return fmt.Errorf("store: import: %w", err)
	}
	im.written += len(im.writes)
	im.writes = nil
	return nil
}

// theirs reports whether a document is one that an export of the person may have: nobody gets into another's inbox by a file.
func (im *importing) theirs(doc *pb.Document) bool {
	path := Path(doc.Name)
	switch {
	case path == nil || len(path)%2 != 0:
		return false
	case path[0] == "users":
		return path[1] == im.uid
	case isList(path):
		return len(doc.Fields) == 1 && proto.Equal(doc.Fields[uidsField], just(im.uid))
	case path[0] == "audiences":
		return len(path) == 4 && (path[2] == "members" || path[2] == "presence") && path[3] == im.uid
	}
	return path[0] == "identities" && len(path) == 4 && path[2] == "logins" && doc.Fields["uid"].GetStringValue() == im.uid
}
