//go:build unix

package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tidings.dev/emulator/internal/process"
)

// buildFunctions builds the binary that is deployed and returns its path for this run. It always builds to the same place, where Go
// finds its last result and sees whether there is anything to do.
func (s *Stack) buildFunctions(ctx context.Context, root string) (string, error) {
	if s.opts.Functions != "" {
		return filepath.Abs(s.opts.Functions)
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("building the functions needs Go (go.dev/dl): %w", ErrMissing)
	}
	defer s.progress.doing("building the functions")()
	cached := filepath.Join(s.finder.Cache, "functions-"+keyOf(root))
	unlock, err := process.Lock(ctx, cached+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	p, err := s.group.Start(process.Spec{
		Name: "go build ./functions", Path: goTool, Args: []string{"build", "-buildvcs=false", "-o", cached, "./functions"},
		Dir: root, Log: filepath.Join(s.logs(), "go-build.log"),
	})
	if err != nil {
		return "", err
	}
	if err := finish(ctx, p); err != nil {
		return "", err
	}
	// A copy of this run's own: another stack may build a newer one.
	binary := filepath.Join(s.dir, "functions")
	if os.Link(cached, binary) == nil {
		return binary, nil
	}
	return binary, copyFile(cached, binary)
}

// finish waits for a child that ends by itself.
func finish(ctx context.Context, p *process.Child) error {
	select {
	case <-p.Done():
		return p.Err()
	case <-ctx.Done():
		p.Kill()
		return ctx.Err()
	}
}

// startFunction runs one function as Cloud Run does: FUNCTION_TARGET says which one.
func (s *Stack) startFunction(ctx context.Context, target string) error {
	address, err := url.Parse(s.urls[target])
	if err != nil {
		return err
	}
	a := s.Addresses
	env := append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(),
		"FUNCTION_TARGET=" + target, "PORT=" + address.Port(), "GOOGLE_CLOUD_PROJECT=" + Project,
		"FIRESTORE_EMULATOR_HOST=" + a.Firestore, "PUBSUB_EMULATOR_HOST=" + a.PubSub, "FIREBASE_AUTH_EMULATOR_HOST=" + a.Auth,
		"GOOGLE_APPLICATION_CREDENTIALS=" + s.account, "FCM_ENDPOINT=" + a.FCM + "/v1", "CLOCK_FILE=" + s.offset,
		"PRODUCER_GRANTS=" + ProducerGrants, "GITHUB_WEBHOOK_SECRETS=" + githubSecret, "ALERTMANAGER_SECRETS=" + alertmanagerSecret,
		"WEBHOOKS=" + s.opts.Webhooks, "WEBHOOK_KEYS=" + s.opts.WebhookKeys,
	}, s.mail()...)
	if f, ok := deployed.Function(target); ok {
		env = append(env, f.Runtime()...)
	}
	env = append(env, s.callers()...)
	env = append(env, s.telemetry()...)
	env = append(env, s.insight()...)
	if s.opts.EnvOf != nil {
		more, err := s.opts.EnvOf(target, a)
		if err != nil {
			return err
		}
		env = append(env, more...)
	}
	env = append(env, s.opts.Env...)
	log := filepath.Join(s.logs(), target+".log")
	p, err := s.group.Start(process.Spec{Name: "function " + target, Path: s.binary, Env: env, Dir: s.dir, Log: log})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.functions[target] = p
	s.mu.Unlock()
	if err := p.Ready(ctx, s.urls[target]+"/health"); err != nil {
		return err
	}
	go func() {
		if err := p.Ended(); s.isRunning(target, p) { // nobody asked it to end
			s.fail(err)
		}
	}()
	return nil
}

// isRunning says whether p is the process of the function: Restart takes it out before it ends it.
func (s *Stack) isRunning(target string, p *process.Child) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.functions[target] == p
}

// Used returns what a function's process has used since it started; nothing where it does not run.
func (s *Stack) Used(function string) process.Usage {
	s.mu.Lock()
	p := s.functions[function]
	s.mu.Unlock()
	if p == nil {
		return process.Usage{}
	}
	return process.Used(p.PID())
}

// drainTime is how long Cloud Run waits between SIGTERM and SIGKILL.
const drainTime = 10 * time.Second

// Restart ends a function by SIGTERM, as Cloud Run does with an instance, and starts it anew at the same address. Cloud Run has another instance
// by then; here nobody answers for a moment. It is an error if the function does not end by itself within drainTime and with
// status 0, and the stack is without that function then. A function that ends unasked is the end of the stack all the same.
func (s *Stack) Restart(ctx context.Context, target string) error {
	s.mu.Lock()
	p := s.functions[target]
	delete(s.functions, target)
	s.mu.Unlock()
	if p == nil {
		return fmt.Errorf("no function %s is running", target)
	}
	if !p.Stop(drainTime) {
		return fmt.Errorf("function %s still ran %s after SIGTERM; all logs: %s", target, drainTime, s.logs())
	}
	if err := p.Err(); err != nil {
		return err
	}
	return s.startFunction(ctx, target)
}

// Kill ends a function as a crash does, by SIGKILL, and returns when nothing is left of it. Revive starts it anew; until then the stack is without it.
func (s *Stack) Kill(target string) {
	s.mu.Lock()
	p := s.functions[target]
	delete(s.functions, target)
	s.mu.Unlock()
	if p != nil {
		p.Kill()
	}
}

// Revive starts a function that was killed, at the same address.
func (s *Stack) Revive(ctx context.Context, target string) error { return s.startFunction(ctx, target) }

// telemetry has the functions export every trace and all metrics, soon, to the stack's collector, if there is one.
func (s *Stack) telemetry() []string {
	if s.Addresses.Traces == "" {
		return nil
	}
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.Addresses.Traces, "OTEL_TRACES_SAMPLER=always_on",
		"OTEL_BSP_SCHEDULE_DELAY=200", "OTEL_METRIC_EXPORT_INTERVAL=2000", // milliseconds
	}
}

// keyOf makes a file name of a path.
func keyOf(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}
