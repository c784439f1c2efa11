//go:build unix

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.dev/emulator/internal/child"
	"tidings.dev/emulator/internal/official"
)

// patience bounds the wait for a service to come up: a cold JVM on a busy machine takes tens of seconds.
const patience = 90 * time.Second

// Firestore starts the Firestore emulator alone, for the tests of a package: on a free port, with the security rules of a
// file, or open to all if rules is empty. stop ends it. One that runs already (FIRESTORE_EMULATOR_HOST) is used as it is;
// its rules can be set by LoadRules. Tests should use a project id each: projects are isolated.
//
// The caller sets FIRESTORE_EMULATOR_HOST for the SDK if it wants that. An error that wraps ErrMissing is a reason to skip.
func Firestore(ctx context.Context, rules string) (host string, stop func(), err error) {
	if host := os.Getenv(hostVariables[firestorePort]); host != "" {
		return host, func() {}, nil
	}
	s := &Stack{progress: newProgress(nil), done: make(chan struct{}), cancel: func(error) {}}
	if err = s.prepare(); err == nil {
		var l net.Listener
		if l, err = listenAnywhere(); err == nil {
			host = l.Addr().String()
			l.Close()
			host, err = s.startFirestore(ctx, host, rules)
		}
	}
	if err != nil {
		s.fail(err)
		s.Close()
		return "", nil, s.withLogs(err)
	}
	return host, func() { s.Close() }, nil
}

// LoadRules replaces the security rules of one project in a running Firestore emulator by those of a file.
func LoadRules(ctx context.Context, host, project, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return putRules(ctx, host, project, string(text))
}

func putRules(ctx context.Context, host, project, text string) error {
	body, err := json.Marshal(map[string]any{"rules": map[string]any{
		"files": []map[string]string{{"name": "firestore.rules", "content": text}},
	}})
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://%s/emulator/v1/projects/%s:securityRules", host, project)
	return official.Call(ctx, http.MethodPut, url, json.RawMessage(body), nil)
}

// startFirestore starts the emulator at host, or uses the one that runs already.
func (s *Stack) startFirestore(ctx context.Context, host, rules string) (string, error) {
	if os.Getenv(hostVariables[firestorePort]) != "" {
		return host, s.found("Firestore", host, LoadRules(ctx, host, Project, rules))
	}
	h, port, err := net.SplitHostPort(host)
	if err != nil {
		return "", err
	}
	command, err := s.finder.Firestore(ctx, s.group, h, port)
	if err != nil {
		return "", err
	}
	if rules != "" {
		if rules, err = filepath.Abs(rules); err != nil {
			return "", err
		}
		command = append(command, "--rules", rules)
	}
	if s.eventarc != "" {
		command = append(command, "--functions_emulator", s.eventarc)
	}
	return host, s.run(ctx, "Firestore emulator", command, "http://"+host+"/")
}

func (s *Stack) startPubSub(ctx context.Context, host string) (string, error) {
	if os.Getenv(hostVariables[pubsubPort]) != "" {
		return host, s.found("Pub/Sub", host, nil)
	}
	h, port, err := net.SplitHostPort(host)
	if err != nil {
		return "", err
	}
	command, err := s.finder.PubSub(ctx, s.group, h, port)
	if err != nil {
		return "", err
	}
	return host, s.run(ctx, "Pub/Sub emulator", command, "http://"+host+"/")
}

func (s *Stack) startAuth(ctx context.Context, host string) (string, error) {
	if os.Getenv(hostVariables[authPort]) != "" {
		return host, s.found("Auth", host, nil)
	}
	command, err := s.finder.Auth(ctx, s.group)
	if err != nil {
		return "", err
	}
	h, port, err := net.SplitHostPort(host)
	if err != nil {
		return "", err
	}
	return host, s.run(ctx, "Auth emulator", append(command, h, port, Project), "http://"+host+"/")
}

// found reports the use of an emulator that we did not start.
func (s *Stack) found(name, host string, err error) error {
	if err != nil {
		return fmt.Errorf("the %s emulator that runs already at %s: %w", name, host, err)
	}
	s.progress.say(fmt.Sprintf("%s emulator: using the one at %s", name, host))
	return nil
}

// run starts a child, waits until it answers at url, and from then on ends the stack if it ends.
func (s *Stack) run(ctx context.Context, name string, command []string, url string) error {
	log := filepath.Join(s.logs(), strings.ToLower(strings.NewReplacer(" ", "-", "/", "").Replace(name))+".log")
	p, err := s.group.Start(child.Spec{Name: name, Path: command[0], Args: command[1:], Dir: s.dir, Log: log})
	if err != nil {
		return err
	}
	defer s.progress.doing(name)()
	if err := ready(ctx, p, url); err != nil {
		return err
	}
	s.watch(p)
	s.progress.say(name + " is up")
	return nil
}

// ready waits until the child answers at url.
func ready(ctx context.Context, p *child.Process, url string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s: %w (%s)", p.Name, errSlow, patience))
	defer cancel()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.Done():
			return p.Ended()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if serving(ctx, url) {
				return nil
			}
		}
	}
}
