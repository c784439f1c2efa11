//go:build unix

package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Serve runs a reference as a subscriber of its own process, on PORT, until it is killed.
func Serve(ctx context.Context, name string) error {
	project := os.Getenv("GOOGLE_CLOUD_PROJECT")
	db, err := firestore.NewClient(ctx, project)
	if err != nil {
		return err
	}
	apply, ok := map[string]func(context.Context, *firestore.Client, string, event.Event, string) error{"floor": floor, "naive": naive}[name]
	if name == "bare" {
		ok = true
		if err := bareClients(ctx, project); err != nil {
			return err
		}
	}
	if !ok {
		return fmt.Errorf("%q is none of floor, naive, bare", name)
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || apply == nil { // a health check
			return
		}
		pushed, err := topics.ReadPush(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		e, err := pushed.Message.Event()
		for i := 0; err == nil && i < len(e.Recipients); i++ {
			err = apply(r.Context(), db, pushed.Message.MessageID, e, e.Recipients[i])
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	if err := funcframework.RegisterHTTPFunctionContext(ctx, "/", handler); err != nil {
		return err
	}
	return funcframework.Start(os.Getenv("PORT"))
}

func bareClients(ctx context.Context, project string) error {
	if _, err := pubsub.NewClient(ctx, project); err != nil {
		return err
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project})
	if err != nil {
		return err
	}
	_, err = app.Messaging(ctx)
	return err
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
	_, err := db.Doc("users/"+uid+"/notifications/"+message).Set(ctx, item(e, 1))
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
