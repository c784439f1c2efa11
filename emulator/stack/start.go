//go:build unix

package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/fcm"
	"tidings.dev/emulator/traces"
)

// start has an order: first what needs nothing else, then the data in it, then what uses the data.
func (s *Stack) start(ctx context.Context) error {
	root, err := findRoot(s.opts.Root)
	if err != nil {
		return err
	}
	s.root = root
	ports, err := s.reserve()
	if err != nil {
		return err
	}
	defer ports.close()
	if s.urls, err = ports.functionURLs(); err != nil {
		return err
	}
	s.Addresses = s.addressesOf(ports)
	s.Addresses.Logs = s.logs()
	if s.opts.Web {
		s.web = ports.url(webPort)
	}
	if err := s.startOwn(ports); err != nil {
		return err
	}
	built := make(chan struct{}) // the web demo is only needed at the end
	if s.opts.Web {
		go func() {
			defer close(built)
			s.fail(s.buildWeb(ctx, root))
		}()
	}
	if err := s.startEmulators(ctx, ports); err != nil {
		return err
	}
	s.progress.say("topics, subscriptions, people and their devices are there")
	if err := s.startFunctions(ctx, ports); err != nil {
		return err
	}
	s.progress.say("the functions serve")
	if err := s.startDelivery(ctx); err != nil || !s.opts.Web {
		return err
	}
	select {
	case <-built:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return err // fail ends ctx too
	}
	return s.startWeb(ports)
}

func (s *Stack) addressesOf(ports *ports) Addresses {
	webhook := func(name string) string {
		f, _ := deployed.Function(name)
		return s.urls[name] + f.Paths[0]
	}
	webhooks := ""
	if s.serves("webhooks") {
		webhooks = s.urls["webhooks"]
	}
	return Addresses{
		Webhooks: webhooks,
		Project:  Project, Publish: s.urls["publish"], Settings: s.urls["people"], Notify: s.urls["notify"], DeadLetters: s.urls["deadletters"], Insight: s.urls["insight"],
		Firestore: ports.host(firestorePort), PubSub: ports.host(pubsubPort), Auth: ports.host(authPort),
		FCM: ports.url(fcmPort), Clock: ports.url(clockPort),
		Mailbox: ports.url(mailboxPort), SMTP: ports.host(smtpPort), Unsubscribe: s.urls["unsubscribe"], BigQuery: ports.url(bigqueryPort),
		GitHub: webhook("github"), GitHubSecret: githubSecret,
		Alertmanager: webhook("alertmanager"), AlertmanagerSecret: alertmanagerSecret,
		Orders: webhook("orders"),
	}
}

// startEmulators starts the official emulators side by side, fills each as soon as it is up, and meanwhile builds the functions.
func (s *Stack) startEmulators(ctx context.Context, ports *ports) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		ports.release(firestorePort)
		rules := filepath.Join(s.root, "infra", "firestore.rules")
		if s.Addresses.Firestore, err = s.startFirestore(ctx, s.Addresses.Firestore, rules); err != nil {
			return err
		}
		if !s.opts.Still {
			if err := s.createTriggers(ctx); err != nil {
				return err
			}
		}
		if err := s.createDevices(ctx); err != nil {
			return err
		}
		return s.createLinks(ctx, links...)
	})
	g.Go(func() (err error) {
		ports.release(pubsubPort)
		if s.Addresses.PubSub, err = s.startPubSub(ctx, s.Addresses.PubSub); err != nil {
			return err
		}
		return s.createTopology(ctx)
	})
	g.Go(func() (err error) {
		ports.release(authPort)
		if s.Addresses.Auth, err = s.startAuth(ctx, s.Addresses.Auth); err != nil {
			return err
		}
		return s.createAccounts(ctx)
	})
	g.Go(func() (err error) {
		s.binary, err = s.buildFunctions(ctx, s.root)
		return err
	})
	return g.Wait()
}

func (s *Stack) startFunctions(ctx context.Context, ports *ports) error {
	g, ctx := errgroup.WithContext(ctx)
	for target, port := range functionPorts {
		if !s.serves(target) {
			continue
		}
		g.Go(func() error {
			ports.release(port)
			return s.startFunction(ctx, target)
		})
	}
	return g.Wait()
}

// startDelivery has the functions called: by Pub/Sub's pushes, and, unless the stack is still, by triggers and by the scheduler.
func (s *Stack) startDelivery(ctx context.Context) error {
	if s.opts.Still {
		return s.startPushes()
	}
	if err := s.awaitTriggers(ctx, len(names)); err != nil {
		return err
	}
	if err := s.startPushes(); err != nil {
		return err
	}
	if err := s.startKeepers(); err != nil || s.opts.Unscheduled {
		return err
	}
	for _, job := range deployed.Jobs {
		if !s.serves(job.Function) {
			continue
		}
		go s.schedule(job.Every.Duration(), func(ctx context.Context) error { return s.Call(ctx, job.Name) })
	}
	for _, command := range deployed.Commands {
		if s.opts.Archive {
			go s.schedule(command.Every.Duration(), func(ctx context.Context) error {
				_, err := s.Run(ctx, command.Name, command.Arguments...)
				return err
			})
		}
	}
	return nil
}

func (s *Stack) startWeb(ports *ports) error {
	s.Addresses.Web = ports.url(webPort)
	handler, err := s.webHandler(filepath.Join(s.root, "web", "dist"))
	if err != nil {
		return err
	}
	s.serve(ports.take(webPort), handler)
	return nil
}

// startOwn starts what runs in this process: the clock, the fake FCM, the mailbox and what stands in for Eventarc, BigQuery and Cloud Storage.
func (s *Stack) startOwn(ports *ports) (err error) {
	if err := s.startSigner(); err != nil {
		return err
	}
	s.eventarc = ports.host(eventarcPort)
	s.serve(ports.take(eventarcPort), s.serveTriggers())
	s.offset = filepath.Join(s.dir, "clock")
	if s.Clock, err = clock.New(s.offset); err != nil {
		return err
	}
	s.serve(ports.take(clockPort), s.withRules(s.Clock.Handler()))
	if s.FCM, err = fcm.New(Project, s.Clock.Now); err != nil {
		return err
	}
	s.serve(ports.take(fcmPort), s.FCM)
	if s.opts.Web {
		s.Traces, s.Addresses.Traces = &traces.Collector{}, ports.url(tracesPort)
		s.serve(ports.take(tracesPort), s.Traces.Handler())
	}
	if err := errors.Join(s.startMailbox(ports), s.startStorage(ports)); err != nil {
		return err
	}
	if err := s.startBigQuery(ports); err != nil {
		return err
	}
	account, err := s.FCM.Credentials(s.Addresses.FCM + "/token")
	if err != nil {
		return err
	}
	s.account = filepath.Join(s.dir, "service-account.json")
	return os.WriteFile(s.account, account, 0o600)
}

// IDToken returns an ID token of one of the people, or of "producer", that is good for at least five minutes.
func (s *Stack) IDToken(ctx context.Context, uid string) (string, error) {
	return s.accounts.token(ctx, uid)
}

// findRoot returns the repository's folder: the one given, or the nearest above the working directory that holds it.
func findRoot(given string) (string, error) {
	dir, err := filepath.Abs(given) // of "": the working directory
	if err != nil {
		return "", err
	}
	for start := dir; ; {
		if _, err := os.Stat(filepath.Join(dir, "infra", "firestore.rules")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if given != "" || parent == dir {
			return "", fmt.Errorf("%s is not within a clone of the repository: no infra/firestore.rules", start)
		}
		dir = parent
	}
}
