//go:build unix

package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/fcm"
)

// start is the order of things: what stands alone at once, then what is put into it, then what uses that.
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
	s.Addresses = Addresses{
		Project: Project, Publish: ports.url(publishPort), Notify: ports.url(notifyPort), DeadLetters: ports.url(deadLettersPort),
		Firestore: ports.host(firestorePort), PubSub: ports.host(pubsubPort), Auth: ports.host(authPort),
		FCM: ports.url(fcmPort), Clock: ports.url(clockPort),
		GitHub: ports.url(githubPort) + "/github", GitHubSecret: githubSecret,
		Alertmanager: ports.url(alertmanagerPort) + "/alertmanager", AlertmanagerSecret: alertmanagerSecret,
		Orders: ports.url(ordersPort) + "/orders",
	}
	if err := s.startOwn(ports); err != nil {
		return err
	}

	// Everything slow goes on side by side: each emulator is filled as soon as it is up.
	var binary string
	built := make(chan struct{}) // the web demo is only needed at the end
	if s.opts.Web {
		go func() {
			defer close(built)
			s.fail(s.buildWeb(ctx, root))
		}()
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		ports.release(firestorePort)
		rules := filepath.Join(root, "infra", "firestore.rules")
		if s.Addresses.Firestore, err = s.startFirestore(gctx, s.Addresses.Firestore, rules); err != nil {
			return err
		}
		if !s.opts.Still {
			if err := s.createTriggers(gctx); err != nil {
				return err
			}
		}
		if err := s.createDevices(gctx); err != nil {
			return err
		}
		return s.createLinks(gctx, links...)
	})
	g.Go(func() (err error) {
		ports.release(pubsubPort)
		if s.Addresses.PubSub, err = s.startPubSub(gctx, s.Addresses.PubSub); err != nil {
			return err
		}
		return s.createTopology(gctx)
	})
	g.Go(func() (err error) {
		ports.release(authPort)
		if s.Addresses.Auth, err = s.startAuth(gctx, s.Addresses.Auth); err != nil {
			return err
		}
		return s.createAccounts(gctx)
	})
	g.Go(func() (err error) {
		binary, err = s.buildFunctions(gctx, root)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	s.progress.say("topics, subscriptions, people and their devices are there")

	g, gctx = errgroup.WithContext(ctx)
	for target, port := range map[string]int{
		"publish": publishPort, "notify": notifyPort, "mirror": mirrorPort, "withdraw": withdrawPort, "due": duePort, "deadletters": deadLettersPort,
		"github": githubPort, "alertmanager": alertmanagerPort, "orders": ordersPort,
	} {
		g.Go(func() error {
			ports.release(port)
			return s.startFunction(gctx, binary, target, ports.host(port))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.progress.say("the functions serve")
	if !s.opts.Still {
		if err := s.awaitTriggers(ctx, len(names)); err != nil {
			return err
		}
	}
	if err := s.startPushes(); err != nil {
		return err
	}
	if !s.opts.Still {
		go s.schedule(ports.url(duePort)+"/due", time.Minute)
		go s.schedule(ports.url(mirrorPort)+"/mirror/prune", 24*time.Hour)
	}
	if !s.opts.Web {
		return nil
	}
	select {
	case <-built:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return err // fail ends ctx too
	}
	s.Addresses.Web = ports.url(webPort)
	handler, err := s.webHandler(filepath.Join(root, "web", "dist"))
	if err != nil {
		return err
	}
	s.serve(ports.take(webPort), handler)
	return nil
}

// startOwn starts what runs in this process: the clock, the fake FCM and what stands in for Eventarc.
func (s *Stack) startOwn(ports *ports) (err error) {
	s.eventarc = ports.host(eventarcPort)
	s.serve(ports.take(eventarcPort), s.serveTriggers(map[string]string{"mirror": ports.url(mirrorPort), "withdraw": ports.url(withdrawPort)}))
	s.offset = filepath.Join(s.dir, "clock")
	if s.Clock, err = clock.New(s.offset); err != nil {
		return err
	}
	s.serve(ports.take(clockPort), s.withRules(s.Clock.Handler()))
	if s.FCM, err = fcm.New(Project, s.Clock.Now); err != nil {
		return err
	}
	s.serve(ports.take(fcmPort), s.FCM)
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
