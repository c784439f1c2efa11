//go:build unix

package infra_test

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.dev/emulator/gcs"
	"tidings.dev/shared/archive"
	"tidings.dev/shared/topology"
)

// The binary starts with the service's own environment and nothing else: no HOME, no PATH, no files. Cloud Run's metadata server is
// played by the test, since credentials come from there.
func TestEveryFunctionStartsWithItsOwnEnvironment(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "functions")
	run(t, "..", "go", "build", "-buildvcs=false", "-o", binary, "./functions")
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}`)
	}))
	defer metadata.Close()
	for _, f := range topology.Deployed().Functions {
		port := freePort(t)
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Dir = t.TempDir()
		cmd.Env = append(environmentOf(t, f), "PORT="+port, "GCE_METADATA_HOST="+strings.TrimPrefix(metadata.URL, "http://"))
		var log strings.Builder
		cmd.Stdout, cmd.Stderr = &log, &log
		start := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if err := healthy("http://127.0.0.1:"+port+"/health", ended); err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, log.String())
			_ = cmd.Process.Kill() // it may have ended by itself
			continue
		}
		t.Logf("%s answers after %d ms", f.Name, time.Since(start).Milliseconds())
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("%s: it ended with %v after SIGTERM", f.Name, err)
		}
		if files, err := os.ReadDir(cmd.Dir); err != nil || len(files) > 0 {
			t.Errorf("%s wrote files: %v, %v", f.Name, files, err)
		}
	}
}

// The binary runs a command with the arguments and the environment of its job, and nothing else, and ends.
func TestEveryCommandRunsWithItsOwnEnvironment(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "functions")
	run(t, "..", "go", "build", "-buildvcs=false", "-o", binary, "./functions")
	storage, err := gcs.New("", "tidings-test-archive")
	if err != nil {
		t.Fatal(err)
	}
	name, err := storage.Write("events-archive", time.Now().AddDate(0, 0, -2), "1", []archive.Message{{Topic: "events", ID: "1", Published: time.Now().AddDate(0, 0, -2), Data: []byte("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(storage.Handler())
	defer served.Close()
	values := map[string]string{
		"GOOGLE_CLOUD_PROJECT": "tidings-test", "ARCHIVE_BUCKET": "tidings-test-archive", "ARCHIVE_CHECKPOINT": "gs://tidings-test-archive-notes/checkpoint.json",
	}
	for _, c := range topology.Deployed().Commands {
		cmd := exec.CommandContext(t.Context(), binary, c.Arguments...)
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"CLOUD_RUN_JOB=" + c.Name, "FUNCTION_TARGET=" + c.Name, "STORAGE_EMULATOR_HOST=" + served.URL}
		for _, name := range c.Environment {
			cmd.Env = append(cmd.Env, name+"="+values[name])
		}
		said, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(said), "sealed with 1 objects") {
			t.Errorf("%s: %v, with %s in the archive\n%s", c.Name, err, name, said)
		}
		if files, err := os.ReadDir(cmd.Dir); err != nil || len(files) > 0 {
			t.Errorf("%s wrote files: %v, %v", c.Name, files, err)
		}
	}
}

// environmentOf is what Terraform gives the service (modules/function), and K_SERVICE, which Cloud Run sets.
func environmentOf(t *testing.T, f topology.Function) []string {
	t.Helper()
	values := map[string]string{
		"GOOGLE_CLOUD_PROJECT": "tidings-test", "PRODUCER_AUDIENCE": "tidings",
		"PRODUCER_GRANTS": `{"shop":{"producers":["serviceAccount:shop@example.iam.gserviceaccount.com"],"types":["order.*"],"recipients":true,"priority":"high"}}`, // as jsonencode writes it
		"CALLER_ACCOUNTS": "pubsub=p@example.com,eventarc=e@example.com,scheduler=s@example.com",
		"WEBHOOK_RATE":    "50", "GITHUB_SKIP_BOTS": "false", "ALERTMANAGER_TEAM_LABEL": "team",
		"SMTP_ADDR": "smtp.example.com:587", "SMTP_USERNAME": "tidings", "MAIL_FROM": "Tidings <news@example.com>", "MAIL_LINKS": "https://app.example.com",
		"BEACON_URL": "https://beacon.example.com", "MAIL_UNSUBSCRIBE": "https://unsubscribe.example.com", "DKIM_DOMAIN": "example.com", "DKIM_SELECTOR": "t1",
	}
	secrets := map[string]string{"UNSUBSCRIBE_KEYS": "0123456789abcdef0123456789abcdef", "DKIM_KEY": signingKey(t), "FACTS_KEY": "0123456789abcdef0123456789abcdef"}
	env := []string{"K_SERVICE=" + f.Name, "FUNCTION_TARGET=" + f.Name}
	env = append(env, f.Runtime()...)
	for _, name := range f.Environment {
		env = append(env, name+"="+values[name])
	}
	for name := range f.Secrets {
		env = append(env, name+"="+cmp.Or(secrets[name], "secret"))
	}
	return env
}

// signingKey is a private key as PEM.
func signingKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// freePort is a port below those that systems give to outgoing connections: one of these could get it before the child opens it.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(12000 + mathrand.IntN(20000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// healthy asks until there is an answer, the process has ended, or a minute is over.
func healthy(url string, ended chan error) error {
	again, late := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer again.Stop()
	for {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			return fmt.Errorf("/health answered %s", res.Status)
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it ended before it served: %w", err)
		case <-late:
			return fmt.Errorf("no answer within a minute")
		case <-again.C:
		}
	}
}
