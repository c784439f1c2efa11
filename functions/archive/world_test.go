//go:build unix

package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/gcs"
	"tidings.dev/emulator/tap"
	"tidings.dev/functions/notify"
	"tidings.dev/shared/archive"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/topics"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// begin is when the first event happens: windows end, and others begin, in the minutes after it.
var begin = time.Date(2026, 11, 20, 9, 4, 0, 0, time.UTC)

// apart is how much later each event happens.
const apart = 80 * time.Millisecond

// world is a live database in which a subscriber has folded what an archive holds.
type world struct {
	t         *testing.T
	server    *gcs.Server
	archive   *archive.Archive
	live      *store.Store
	shadow    *store.Store
	wire      *tap.Tap          // of shadow
	firestore *firestore.Client // of live
	shadowed  *firestore.Client // of the shadow
	words     *catalog.Catalog
	sender    *push.Sender
	rung      atomic.Int64 // calls of FCM
	log       *slog.Logger
	kept      []archive.Message
	dir       string // of checkpoints
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), log: slog.New(slog.NewJSONHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}
	var err error
	w.live, w.firestore, _ = w.database()
	w.shadow, w.shadowed, w.wire = w.database()
	w.words, err = catalog.New()
	must(t, err)
	w.server, err = gcs.New("", "events", "work")
	must(t, err)
	w.archive, err = archive.Open(t.Context(), "events", archived(), w.server.Options()...)
	must(t, err)
	t.Cleanup(func() { _ = w.archive.Close() })
	fcm := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		w.rung.Add(1)
		fmt.Fprint(rw, `{"name":"projects/p/messages/1"}`)
	}))
	t.Cleanup(fcm.Close)
	w.sender, err = push.Open(t.Context(), "p", option.WithEndpoint(fcm.URL+"/v1"), option.WithoutAuthentication())
	must(t, err)
	return w
}

// opening is locked while the environment says something else than for the rest of the tests.
var opening sync.Mutex

// database is an empty one. The store is behind a tap.
func (w *world) database() (*store.Store, *firestore.Client, *tap.Tap) {
	w.t.Helper()
	ctx, project := context.Background(), firestoretest.Project(w.t)
	opening.Lock()
	defer opening.Unlock()
	const variable = "FIRESTORE_EMULATOR_HOST"
	emulator := os.Getenv(variable)
	client, err := firestore.NewClient(ctx, project)
	must(w.t, err)
	wire, err := tap.Open(emulator)
	must(w.t, err)
	must(w.t, os.Setenv(variable, wire.Address))
	s, err := store.Open(ctx, project)
	must(w.t, errors.Join(err, os.Setenv(variable, emulator)))
	w.t.Cleanup(func() { _, _, _ = s.Close(), client.Close(), wire.Close() })
	return s, client, wire
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish makes a message of an event, as the door does, and has the archive keep it.
func (w *world) publish(e event.Event) topics.Pushed {
	w.t.Helper()
	kind, _ := w.words.Type(e.Type)
	envelope := topics.Envelope{Event: e, Accepted: event.Acceptance{At: e.Time.Add(time.Millisecond), OwnTime: true, OwnID: true}, Lane: topics.Lane(kind.PriorityOf(&e))}
	m, err := envelope.Encode()
	must(w.t, err)
	kept := archive.Message{Topic: string(envelope.Lane), ID: fmt.Sprint(len(w.kept)), Published: e.Time.Add(5 * time.Millisecond), Attributes: m.Attributes, Data: m.Data}
	w.kept = append(w.kept, kept)
	return topics.Pushed{
		Subscription: "projects/p/subscriptions/" + kept.Topic + "-notify", DeliveryAttempt: 1,
		Message: topics.PushedMessage{Data: m.Data, MessageID: kept.ID, PublishTime: kept.Published, Attributes: m.Attributes},
	}
}

// store writes what was published into objects of some hundred messages, and seals the days.
func (w *world) store() {
	w.t.Helper()
	open := map[string][]archive.Message{}
	flush := func(topic string) {
		if messages := open[topic]; len(messages) > 0 {
			_, err := w.server.Write(topic+"-archive", messages[0].Published, messages[0].ID, messages)
			must(w.t, err)
			open[topic] = nil
		}
	}
	for _, m := range w.kept {
		if open[m.Topic] = append(open[m.Topic], m); len(open[m.Topic]) == 300 {
			flush(m.Topic)
		}
	}
	for topic := range open {
		flush(topic)
	}
	_, err := w.archive.Seal(w.t.Context(), begin, begin.AddDate(0, 0, 2))
	must(w.t, err)
}

// subscribe has the live subscriber see to the messages: not quite in their order, some of them twice, and with what it leaves to others.
func (w *world) subscribe(messages []topics.Pushed) {
	w.t.Helper()
	var clock atomic.Int64
	at := func() time.Time { return time.UnixMicro(clock.Load()).UTC() }
	pubsub := &queue{}
	fn := notify.New(notify.Needs{Catalog: w.words, Store: w.live, Publisher: pubsub, Sender: w.sender, Now: at, Log: w.log})
	random := rand.New(rand.NewPCG(3, 4))
	deliver := func(some []topics.Pushed) {
		var group tasks.Group
		group.Limit(40)
		for _, m := range some {
			group.Go(func() error { return fn.Receive(context.Background(), &m) })
		}
		must(w.t, group.Wait())
	}
	drain := func(open []topics.Envelope) {
		for open = append(open, pubsub.take()...); len(open) > 0; open = pubsub.take() {
			var some []topics.Pushed
			for _, e := range open {
				m, err := pushedOf(e, "", at())
				must(w.t, err)
				some = append(some, m)
			}
			deliver(some)
		}
	}
	for len(messages) > 0 {
		some := messages[:min(len(messages), 60)]
		messages = messages[len(some):]
		clock.Store(some[0].Message.PublishTime.UnixMicro())
		some = append(some[:len(some):len(some)], some[random.IntN(len(some))])
		random.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		deliver(some)
		drain(pubsub.due(at()))
	}
	clock.Add((5 * time.Minute).Microseconds())
	drain(pubsub.due(at()))
}

// shadowDocument is a document of the shadow.
func (w *world) shadowDocument(path string) (map[string]any, error) {
	doc, err := w.shadowed.Doc(path).Get(w.t.Context())
	if err != nil {
		return nil, err
	}
	return doc.Data(), nil
}

// replay is a replay of everything, into the shadow.
func (w *world) replay() *Replay {
	w.t.Helper()
	end := begin.AddDate(0, 0, 1)
	x, err := w.archive.Index(w.t.Context(), begin.Add(-time.Hour), end, end)
	must(w.t, err)
	if len(x.Faults) > 0 || len(x.Unsealed) > 0 {
		w.t.Fatalf("the archive is not whole: %v, not sealed: %v", x.Faults, x.Unsealed)
	}
	return &Replay{
		Archive: w.archive, Index: x, Live: w.live, Into: w.shadow, Catalog: w.words, Log: w.log,
		Now: func() time.Time { return end }, Path: filepath.Join(w.t.TempDir(), "checkpoint.json"),
	}
}

// differences compares the shadow with what is live.
func (w *world) differences(r *Replay) (all []Difference, same Compared) {
	w.t.Helper()
	kept, err := r.checkpoint()
	must(w.t, err)
	s, err := kept.read(w.t.Context(), r.job())
	must(w.t, err)
	c := Comparison{Live: w.live, Shadow: w.shadow, From: r.Index.From, To: r.Index.To, Groups: s.Groups, Now: r.Now()}
	same, err = c.Run(w.t.Context(), func(d Difference) { all = append(all, d) })
	must(w.t, err)
	return all, same
}

// day are n events of many kinds: actors, events and states that are counted, what stands alone, what is taken back, urgent ones, and some to an audience.
func day(n, people int) (events []event.Event) {
	random := rand.New(rand.NewPCG(5, 6))
	popular := rand.NewZipf(random, 1.3, 4, uint64(people-1))
	for i := range n {
		e := event.Event{
			ID: fmt.Sprintf("e%d", i), Source: "test", Time: begin.Add(time.Duration(i) * apart), Recipients: []string{fmt.Sprintf("p%d", popular.Uint64())},
			Target: event.Target{Type: "post", ID: fmt.Sprint(random.IntN(8)), Title: "A walk"},
		}
		actor := fmt.Sprintf("a%d", random.IntN(40))
		e.Actor = event.Actor{ID: actor, Name: "Actor " + actor}
		switch k := random.IntN(100); {
		case k < 45:
			e.Type = "post.liked"
		case k < 50: // most take back what was there, some what was not
			e.Type, e.Retract = "post.liked", true
		case k < 65:
			e.Type = "comment.created"
		case k < 75:
			e.Type = []string{"order.placed", "order.paid", "order.shipped", "order.delivered"}[random.IntN(4)]
			e.Target = event.Target{Type: "order", ID: fmt.Sprint(random.IntN(300))}
		case k < 80:
			e.Type = "user.followed"
		case k < 84:
			e.Type, e.ExpiresAt = "message.received", e.Time.Add(time.Duration(1+random.IntN(200))*time.Second)
		case k < 88:
			e.Type = []string{"incident.opened", "incident.resolved"}[random.IntN(2)]
			e.Target, e.Actor = event.Target{Type: "service", ID: fmt.Sprint(random.IntN(20))}, event.Actor{}
		case k < 91:
			e.Type = "security.alert"
		case k < 92:
			e.Type, e.Recipients, e.Audience = "comment.created", nil, "topic-go"
		default:
			e.Type = "user.mentioned"
		}
		events = append(events, e)
	}
	return events
}
