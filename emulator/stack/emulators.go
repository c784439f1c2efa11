//go:build unix

package stack

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/internal/process"
)

// startFirestore starts the emulator at host, or uses the one that runs already.
func (s *Stack) startFirestore(ctx context.Context, host, rules string) (string, error) {
	if os.Getenv(hostVariables[firestorePort]) != "" {
		return host, s.found("Firestore", host, google.LoadRules(ctx, host, Project, rules))
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

// run starts a child and waits until it answers at url. From then on the end of the child is the end of the stack.
func (s *Stack) run(ctx context.Context, name string, command []string, url string) error {
	log := filepath.Join(s.logs(), strings.ToLower(strings.NewReplacer(" ", "-", "/", "").Replace(name))+".log")
	p, err := s.group.Start(process.Spec{Name: name, Path: command[0], Args: command[1:], Dir: s.dir, Log: log})
	if err != nil {
		return err
	}
	s.pids.Store(name, p.PID())
	defer s.progress.doing(name)()
	if err := p.Ready(ctx, url); err != nil {
		return err
	}
	s.watch(p)
	s.progress.say(name + " is up")
	return nil
}

// PID is the process of an emulator ("Firestore emulator"); 0 where it was not started here.
func (s *Stack) PID(emulator string) int {
	pid, _ := s.pids.Load(emulator)
	n, _ := pid.(int)
	return n
}
