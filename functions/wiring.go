package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"

	"cloud.google.com/go/pubsub/v2"
	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/auth"
	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	"google.golang.org/api/idtoken"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

	"tidings.dev/functions/alertmanager"
	"tidings.dev/functions/beacon"
	"tidings.dev/functions/deadletters"
	"tidings.dev/functions/due"
	"tidings.dev/functions/examples/orders"
	"tidings.dev/functions/github"
	"tidings.dev/functions/insight"
	"tidings.dev/functions/internal/door"
	"tidings.dev/functions/mailer"
	"tidings.dev/functions/mirror"
	"tidings.dev/functions/notify"
	"tidings.dev/functions/people"
	"tidings.dev/functions/publish"
	"tidings.dev/functions/unsubscribe"
	"tidings.dev/functions/webhooks"
	"tidings.dev/functions/webhooks/guard"
	"tidings.dev/functions/withdraw"
	"tidings.dev/shared/clock"
	"tidings.dev/shared/endpoints"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topology"
	"tidings.dev/shared/warehouse"
)

// clients are the connections that the functions share. Those that the target does not use are nil: a client costs start-up
// time and memory.
type clients struct {
	pubsub    *pubsub.Client
	publisher *topics.Publisher
	facts     *topics.Teller // nil, too, where there is no key
	store     *store.Store
	sender    *push.Sender
	mails     *mail.Sender // nil, too, where no SMTP server is named
	auth      *auth.Client
	warehouse *warehouse.Warehouse // nil, too, where there is no key
}

// connect makes the clients that the target needs.
func connect(ctx context.Context, cfg config, tel *telemetry.Telemetry, log *slog.Logger) (c clients, err error) {
	needs := func(targets ...string) bool {
		for _, t := range targets {
			if err == nil && (cfg.Target == "" || cfg.Target == t) {
				return true
			}
		}
		return false
	}
	// The clients' own telemetry works for every call, whether or not its trace is recorded, and takes a twentieth of the subscriber's CPU:
	// shared/telemetry makes spans of those that are. Without windows of a fixed
	// size, gRPC measures the connection with a ping for each answer; these are larger than what it would find.
	quiet := option.WithTelemetryDisabled()
	lean := []option.ClientOption{
		quiet, option.WithGRPCDialOption(grpc.WithStaticStreamWindowSize(4 << 20)), option.WithGRPCDialOption(grpc.WithStaticConnWindowSize(16 << 20)),
	}
	for _, dial := range tel.DialOptions() {
		lean = append(lean, option.WithGRPCDialOption(dial))
	}
	if c.pubsub, err = pubsub.NewClient(ctx, cfg.Project, lean...); err == nil {
		c.publisher = topics.NewPublisher(c.pubsub)
		c.store, err = store.Open(ctx, cfg.Project, lean...)
	}
	if cfg.FactsKey != "" && needs("notify", "mailer", "unsubscribe", "deadletters", "beacon") {
		c.facts = topics.NewTeller(c.pubsub, fact.Key(cfg.FactsKey), instance(), log, tel)
	}
	if needs("publish", "people", "orders", "mailer", "insight") {
		var app *firebase.App
		if app, err = firebase.NewApp(ctx, &firebase.Config{ProjectID: cfg.Project}); err == nil {
			c.auth, err = app.Auth(ctx)
		}
	}
	at := func(endpoint string) []option.ClientOption {
		if endpoint == "" {
			return []option.ClientOption{quiet}
		}
		return []option.ClientOption{quiet, option.WithEndpoint(endpoint)}
	}
	if needs("notify") {
		c.sender, err = push.Open(ctx, cfg.Project, at(cfg.FCMEndpoint)...)
	}
	if cfg.FactsKey != "" && needs("insight") {
		c.warehouse, err = warehouse.Open(ctx, cfg.Project, at(cfg.BigQueryEndpoint)...)
	}
	if needs("mailer") && cfg.Mail.On() {
		c.mails, err = mail.NewSender(cfg.Mail)
	}
	if err != nil {
		return clients{}, fmt.Errorf("connect: %w", err)
	}
	return c, nil
}

// instance names this process among those of the function: by Cloud Run's revision, and a number of its own.
func instance() string {
	return fmt.Sprintf("%s/%08x", cmp.Or(os.Getenv("K_REVISION"), "local"), rand.Uint32())
}

// Close ends the connections.
func (c clients) Close() error {
	return errors.Join(c.pubsub.Close(), c.store.Close())
}

// handlers makes the functions of [topology.Deployed], by name. Each is called only for what is served: the other functions' clients
// are nil.
func handlers(cfg config, c clients, tel *telemetry.Telemetry, log *slog.Logger) (map[string]func() http.Handler, error) {
	cat, err := shipped()
	if err != nil {
		return nil, err
	}
	now := clock.FromFile(cfg.ClockFile)
	in := &intake.Intake{Catalog: cat, Publisher: c.publisher, Endpoints: cfg.Endpoints, Ledger: c.store.Enter, Schedule: c.store.Schedule, Now: now, Telemetry: tel}
	allowed := &producers.Allowed{Firebase: c.auth, Grants: cfg.Grants, Audience: cfg.ProducerAudience, Google: idtoken.Validate}
	reporter := topics.NewReporter(c.publisher, cfg.Endpoints)
	limits := &limit.Limiter{Add: c.store.CountUnits, Now: now, Log: log}
	all := sources(cfg, c, door.Webhook{Intake: in, Limits: limits, Log: log}, allowed)
	maps.Copy(all, map[string]func() http.Handler{
		"publish": func() http.Handler {
			return publish.New(publish.Needs{Intake: in, Producers: allowed, Limits: limits, Cancel: c.store.Cancel, Now: now, Log: log})
		},
		"people": func() http.Handler {
			return people.New(people.Needs{Catalog: cat, Store: c.store, Producers: allowed, Limits: limits, Now: now, Log: log})
		},
		"insight": func() http.Handler {
			return insight.New(insight.Needs{Warehouse: c.warehouse, Key: fact.Key(cfg.FactsKey), Producers: allowed, Limits: limits, Scheduled: c.store.Scheduled, Now: now, Log: log})
		},
		"notify": func() http.Handler {
			return notify.New(notify.Needs{
				Catalog: cat, Store: c.store, Publisher: c.publisher, Sender: c.sender, Facts: c.facts, Beacon: beaconOf(cfg), Reporter: reporter,
				Now: now, Log: log, Telemetry: tel,
			}).Handler()
		},
		"beacon": func() http.Handler {
			return beacon.New(beacon.Needs{Tell: c.facts.TellOf, Key: fact.Key(cfg.FactsKey), Now: now, Log: log})
		},
		"mailer": func() http.Handler {
			return mailer.New(mailer.Needs{
				Catalog: cat, Store: c.store, Composer: &mail.Composer{Catalog: cat, Config: cfg.Mail}, Sender: c.mails, Addresses: mailer.Auth(c.auth),
				Facts: c.facts, Now: now, Log: log, Telemetry: tel,
			})
		},
		"unsubscribe": func() http.Handler {
			return unsubscribe.New(unsubscribe.Needs{Catalog: cat, Store: c.store, Keys: cfg.Mail.Keys, Facts: c.facts, Now: now, Log: log})
		},
		"due": func() http.Handler {
			eraser := store.Eraser{Store: c.store, Words: cat.Say, Now: now}
			return due.New(due.Needs{Store: c.store, Publisher: c.publisher, Now: now, Log: log, Erase: eraser.GoOn})
		},
		"mirror": func() http.Handler {
			return mirror.New(mirror.Needs{Store: c.store, Now: now, Log: log})
		},
		"withdraw": func() http.Handler {
			return withdraw.New(withdraw.Needs{Publisher: c.publisher, Log: log})
		},
		"deadletters": func() http.Handler {
			return deadletters.New(deadletters.Needs{Store: c.store, Publisher: c.publisher, Facts: c.facts, Reporter: reporter, Now: now, Log: log, Telemetry: tel})
		},
		"webhooks": func() http.Handler {
			client := guard.Client(guard.Options{Loopback: endpoints.Local(cfg.Endpoints)})
			return webhooks.New(webhooks.Needs{Endpoints: cfg.Endpoints, Keys: cfg.EndpointKeys, Client: client, Reporter: reporter, Store: c.store, Now: now, Log: log})
		},
	})
	return all, nil
}

// sources makes the functions that take webhooks, which share a door.
func sources(cfg config, c clients, base door.Webhook, allowed *producers.Allowed) map[string]func() http.Handler {
	return map[string]func() http.Handler{
		"github": func() http.Handler {
			w := base
			w.Source = &github.Source{Secrets: cfg.GitHubSecrets, SkipBots: cfg.GitHubSkipBots}
			w.Identities, w.Rate = c.store.Identities, limit.Of(cfg.WebhookRate)
			return door.NewWebhook(w)
		},
		"alertmanager": func() http.Handler {
			w := base
			w.Source = &alertmanager.Source{Secrets: cfg.AlertmanagerSecrets, TeamLabel: cfg.AlertmanagerTeamLabel}
			w.Members, w.Rate = c.store.HasMembers, limit.Of(cfg.WebhookRate)
			return door.NewWebhook(w)
		},
		"orders": func() http.Handler {
			w := base
			w.Source = &orders.Source{Producers: allowed}
			return door.NewWebhook(w)
		},
	}
}

// beaconOf makes the address at which a service worker says what became of a push; nil where facts are not told, or nobody listens.
func beaconOf(cfg config) func(uid string, n *inbox.Item) string {
	if cfg.FactsKey == "" || cfg.BeaconURL == "" {
		return nil
	}
	key := fact.Key(cfg.FactsKey)
	return func(uid string, n *inbox.Item) string {
		return cfg.BeaconURL + "/beacon?t=" + key.Sign(fact.Beacon{Person: key.Person(uid), Item: n.ID, Revision: n.Revision})
	}
}

// pushed returns the paths under which Pub/Sub delivers messages. Such a request belongs to the message's trace.
func pushed() (paths []string) {
	for _, s := range topology.Deployed().Subscriptions {
		paths = append(paths, s.Path)
	}
	return paths
}

// register makes the functions known to the framework: by name where one is chosen, else each under its paths.
func register(ctx context.Context, cfg config, clients clients, tel *telemetry.Telemetry, log *slog.Logger, server capture) error {
	byName, err := handlers(cfg, clients, tel, log)
	if err != nil {
		return err
	}
	for i, f := range topology.Deployed().Functions {
		if cfg.Target != "" && cfg.Target != f.Name {
			continue
		}
		serve, err := guarded(cfg, f, byName[f.Name](), log)
		if err != nil {
			return err
		}
		serve = secured(withHealth(tel.Handler(serve, pushed()...), server))
		if cfg.Target != "" {
			functions.HTTP(cfg.Target, serve.ServeHTTP)
			return nil
		}
		paths := f.Paths
		if i == 0 {
			paths = append(paths, "/health")
		}
		for _, path := range paths {
			if err := funcframework.RegisterHTTPFunctionContext(ctx, path, serve.ServeHTTP); err != nil {
				return fmt.Errorf("register %s: %w", f.Name, err)
			}
		}
	}
	if cfg.Target != "" {
		return fmt.Errorf("FUNCTION_TARGET is %q: no such function", cfg.Target)
	}
	// A path that no function serves is answered with a problem, as a function answers a path that it does not know.
	return funcframework.RegisterHTTPFunctionContext(ctx, "/", secured(problem.Serve(log, nil)).ServeHTTP)
}

// withHealth answers GET /health, which start-up probes ask for, and frameworkHandler. Cloud Run keeps some paths that end in z for
// itself.
func withHealth(h http.Handler, server capture) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/health" {
			server.take(r)
			w.WriteHeader(http.StatusOK)
			return
		}
		h.ServeHTTP(w, r)
	})
}
