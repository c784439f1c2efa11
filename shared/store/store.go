// Package store keeps everything in Firestore. The key layout, in one place:
//
//	users/{uid}                      the profile, with a lease for each open page; the owner writes it, and functions keep copies of the owner's devices in it, and when their digest is due
//	users/{uid}/notifications/{id}   inbox items; ids are inbox's (a group's hash and its window, or an event's hash)
//	…/notifications/{id}/parts/{n}   the members of a large group; functions only
//	users/{uid}/devices/{id}         one per installation that can receive pushes; the owner writes it
//	users/{uid}/withdrawals/{id}     that its owner is done with an item while devices show its push; {item}-{revision of the push}; the owner writes it
//	targets/{hash}                   which device a push target belongs to; functions only
//	accepted/{hash}                  the receipt of an event with an id of its own and no time, for a day; functions only
//	limits/{hash}                    how many units a producer or a webhook has brought in, ever, and when their bucket is full again; functions only
//	sendings/{hash}                  an event that waits for its sendAt, or that an event was cancelled; functions only
//	retractions/{hash}               what was taken back from whoever was told, for events that come late; functions only
//	walks/{message}                  the last step of a walk over many people that was taken; functions only
//	audiences/{id}/members/{uid}     who is in an audience
//	audiences/{id}/lists/{list}      who is in an audience, too: some 1,000 uids in one document; the product writes it
//	audiences/{id}/presence/{uid}    who of an audience is there; the owner writes it
//	announcements/{id}               what everybody is told; functions write it, everybody who is signed in reads it
//	users/{uid}/announcements/{id}   what a person has done about an announcement; the owner writes it
//	identities/{source}/logins/{l}   whom another system means by a login; functions only
//	deadLetters/{messageId}          what could not be processed, until somebody discards it; functions only
//	outgoing/{id}                    what a product is told of its events, with what came of it; functions only
//	endpoints/{name}                 that nothing is sent to that endpoint of a product any more, and why; functions only
//	erasures/{hash of a uid}         how far a person is erased, and the receipt; functions only
//	due/{field}                      how far the due function has gone through what waits by that field; functions only
//
// Nearly everything goes through the generated client, which has what the friendlier one lacks: BatchGetDocuments and BatchWrite
// (up to 500 documents a call, with a precondition and an answer for each), a commit with preconditions and without a
// transaction, and queries by document name across collections. No function holds a lock.
package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"cloud.google.com/go/firestore"
	vkit "cloud.google.com/go/firestore/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// What can go wrong, whatever gRPC code it came as.
var (
	ErrConflict  = errors.New("store: the document has changed since it was read")
	ErrTransient = errors.New("store: Firestore cannot do it now")
	ErrNotFound  = errors.New("store: no such document")
	ErrCursor    = errors.New("store: not a cursor; what an earlier page returned was expected")
	ErrIndex     = errors.New("store: a query has no index") // permanent: the text has Firestore's link to the missing index
)

// Store is safe for concurrent use.
type Store struct {
	client   *firestore.Client
	raw      *vkit.Client
	database string // projects/P/databases/(default)
}

// Open connects to the project's default database. FIRESTORE_EMULATOR_HOST, the SDK's own variable, is honoured. opts go
// to both clients. Nothing is sent before the first use.
func Open(ctx context.Context, project string, opts ...option.ClientOption) (*Store, error) {
	return OpenDatabase(ctx, project, firestore.DefaultDatabaseID, opts...)
}

// OpenDatabase connects as [Open] does, to the database of that name.
func OpenDatabase(ctx context.Context, project, database string, opts ...option.ClientOption) (*Store, error) {
	s := &Store{database: "projects/" + project + "/databases/" + database}
	large := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32))
	rawOpts := append([]option.ClientOption{option.WithGRPCDialOption(large)}, opts...)
	if host := os.Getenv("FIRESTORE_EMULATOR_HOST"); host != "" { // the generated client does not look at it
		rawOpts = append(opts[:len(opts):len(opts)],
			option.WithEndpoint(host), option.WithoutAuthentication(), option.WithGRPCDialOption(large),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
			option.WithGRPCDialOption(grpc.WithPerRPCCredentials(owner{})))
	}
	var err error
	if s.raw, err = vkit.NewClient(ctx, rawOpts...); err != nil {
		return nil, fmt.Errorf("store: connect to Firestore: %w", err)
	}
	if s.client, err = firestore.NewClientWithDatabase(ctx, project, database, opts...); err != nil {
		return nil, errors.Join(fmt.Errorf("store: connect to Firestore: %w", err), s.raw.Close())
	}
	return s, nil
}

// Close ends the connections.
func (s *Store) Close() error { return errors.Join(s.raw.Close(), s.client.Close()) }

// owner is the emulator's administrator, as the SDKs present themselves to it.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}
func (owner) RequireTransportSecurity() bool { return false }

// resource is the full name of a document, as the generated client wants it.
func (s *Store) resource(path ...string) string {
	return s.database + "/documents/" + strings.Join(path, "/")
}

// sentinel turns a gRPC error into this package's. FailedPrecondition is what Firestore answers to a write whose document has
// changed, and to a query that has no index: the one passes, the other stays until somebody deploys.
func sentinel(err error) error {
	if err == nil {
		return nil
	}
	switch status.Code(err) {
	case codes.AlreadyExists:
		return fmt.Errorf("%w (%v)", ErrConflict, err)
	case codes.FailedPrecondition:
		if asksForIndex(status.Convert(err).Message()) {
			return fmt.Errorf("%w: deploy infra/firestore.indexes.json, or wait until the index is built (%v)", ErrIndex, err)
		}
		return fmt.Errorf("%w (%v)", ErrConflict, err)
	case codes.NotFound:
		return fmt.Errorf("%w (%v)", ErrNotFound, err)
	case codes.Internal:
		if strings.HasPrefix(status.Convert(err).Message(), "grpc: error while marshaling") { // it was not sent, as with a text that is not UTF-8, and never will be
			return err
		}
		return fmt.Errorf("%w (%w)", ErrTransient, err)
	case codes.Unavailable, codes.Aborted, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled, codes.Unknown:
		return fmt.Errorf("%w (%w)", ErrTransient, err)
	}
	return err
}

// asksForIndex recognises Firestore's text "The query requires an index. You can create it here: https://…", which names the
// kind of index in some cases. No text about a write speaks of a query.
func asksForIndex(message string) bool {
	return strings.Contains(message, "query requires") && strings.Contains(message, "index")
}
