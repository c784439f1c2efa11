//go:build unix

package bench

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	firebase "firebase.google.com/go/v4"
	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// The two references that Tidings is measured beside, and a third for start-up. Each is what a good engineer would write in
// an hour; none does anything slowly on purpose.
//
//   - floor: one blind write for each recipient, no reads, no logic. What the platform itself costs.
//   - naive: the tutorial way. For each recipient, a transaction reads the item and the unread counter and writes both.
//   - bare:  the functions framework with the clients that the subscriber needs, answering 204. Only for start-up.

// Serve runs a reference, which publishes and subscribes, in a process of its own on PORT until it is killed.
func Serve(ctx context.Context, name string) error {
	project := os.Getenv("GOOGLE_CLOUD_PROJECT")
	apply, ok := map[string]applier{"floor": floor, "naive": naive, "bare": nil}[name]
	if !ok {
		return fmt.Errorf("reference %q is unknown; floor, naive or bare was expected", name)
	}
	db, err := firestore.NewClient(ctx, project)
	if err != nil {
		return err
	}
	client, err := pubsub.NewClient(ctx, project)
	if err != nil {
		return err
	}
	if name == "bare" {
		app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project})
		if err != nil {
			return err
		}
		if _, err := app.Messaging(ctx); err != nil {
			return err
		}
	}
	paths := map[string]http.HandlerFunc{
		"/v1/events": publish(client.Publisher("events"), client.Publisher("events-urgent")),
		"/notify":    subscribe(db, apply),
		"/health":    func(http.ResponseWriter, *http.Request) {},
	}
	for path, handler := range paths {
		if err := funcframework.RegisterHTTPFunctionContext(ctx, path, handler); err != nil {
			return err
		}
	}
	return funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT"))
}

// publish takes an event as it comes, from anybody, and answers when Pub/Sub has it.
func publish(usual, urgent *pubsub.Publisher) http.HandlerFunc {
	for _, to := range []*pubsub.Publisher{usual, urgent} {
		to.PublishSettings.DelayThreshold = time.Millisecond // by default it waits ten for company
	}
	return func(w http.ResponseWriter, r *http.Request) {
		var e event.Event
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		to := usual
		if e.Priority == event.Urgent {
			to = urgent
		}
		raw, err := json.Marshal(e)
		if err == nil {
			_, err = to.Publish(r.Context(), &pubsub.Message{Data: raw}).Get(r.Context())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
}

// applier does what an event asks for, in the inbox of one recipient.
type applier func(ctx context.Context, db *firestore.Client, message string, e event.Event, uid string) error

// subscribe takes a message from a push subscription and answers when it is applied.
func subscribe(db *firestore.Client, apply applier) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pushed, err := topics.ReadPush(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		envelope, err := topics.Decode(pushed.Message)
		e := envelope.Event
		for i := 0; err == nil && i < len(e.Recipients); i++ {
			err = apply(r.Context(), db, pushed.Message.MessageID, e, e.Recipients[i])
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// item is what both references store: the fields that a client's feed needs.
func item(e event.Event, count int) map[string]any {
	return map[string]any{
		"type": e.Type, "priority": string(e.Priority), "rank": 1, "title": fmt.Sprintf("%s and %d others", e.Actor.Name, count-1),
		"target":     map[string]any{"type": e.Target.Type, "id": e.Target.ID, "title": e.Target.Title},
		"actors":     []any{map[string]any{"id": e.Actor.ID, "name": e.Actor.Name}},
		"actorCount": count, "data": e.Data, "createdAt": e.Time, "updatedAt": time.Now(),
		"seenAt": nil, "readAt": nil, "archivedAt": nil,
	}
}

func floor(ctx context.Context, db *firestore.Client, message string, e event.Event, uid string) error {
	_, err := db.Doc("users/"+uid+"/notifications/"+cmp.Or(e.GroupKey, message)).Set(ctx, item(e, 1))
	return err
}

func naive(ctx context.Context, db *firestore.Client, _ string, e event.Event, uid string) error {
	sum := sha256.Sum256([]byte(e.Type + "|" + e.Target.ID))
	ref := db.Doc("users/" + uid + "/notifications/" + hex.EncodeToString(sum[:8]))
	counter := db.Doc("users/" + uid + "/counters/unread")
	if _, err := db.Doc("users/" + uid).Get(ctx); err != nil && status.Code(err) != codes.NotFound {
		return err
	}
	return db.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		docs, err := tx.GetAll([]*firestore.DocumentRef{ref, counter})
		if err != nil {
			return err
		}
		count, _ := docs[0].DataAt("actorCount")
		n, _ := count.(int64)
		unread, _ := docs[1].DataAt("unread")
		u, _ := unread.(int64)
		return errors.Join(tx.Set(ref, item(e, int(n)+1)), tx.Set(counter, map[string]any{"unread": u + 1}))
	})
}
