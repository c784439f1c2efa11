//go:build unix

package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/gcs"
	"tidings.dev/emulator/internal/process"
	"tidings.dev/shared/topology"
)

// archiveBucket has what was published.
const archiveBucket = Project + "-archive"

// keepDeadline is the ack deadline of the archive's subscriptions (infra/archive.tf).
const keepDeadline topology.Seconds = 300

// archives are the subscriptions that keep what is published.
func (s *Stack) archives() []topology.Archive {
	if !s.opts.Archive {
		return nil
	}
	return deployed.Archives
}

// startStorage serves what stands in for Cloud Storage. The objects are in the run's folder, so that a stack that runs for days does not fill the memory. GET /environment has what the archive's
// command reads, for `env $(curl …)`.
func (s *Stack) startStorage(ports *ports) (err error) {
	if !s.opts.Archive {
		return nil
	}
	if s.Storage, err = gcs.New(filepath.Join(s.dir, "storage"), archiveBucket); err != nil {
		return err
	}
	s.Addresses.Storage = ports.url(storagePort)
	storage := s.Storage.Handler()
	s.serve(ports.take(storagePort), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a ServeMux would clean the names of objects
		if r.Method == http.MethodGet && r.URL.Path == "/environment" {
			fmt.Fprintln(w, strings.Join(s.commandEnvironment(), "\n"))
			return
		}
		storage.ServeHTTP(w, r)
	}))
	return nil
}

// startKeepers has what is published written into the archive.
func (s *Stack) startKeepers() error {
	if !s.opts.Archive {
		return nil
	}
	log, err := s.logger("keeper.log")
	if err != nil {
		return err
	}
	for _, sub := range deployed.Archives {
		writer := s.Storage.Writer(sub, s.Clock.Offset)
		s.keepers.Go(func() {
			ctx, cancel := s.context()
			defer cancel()
			s.fail(dispatch.Keep(ctx, s.pubsub, sub.Name, writer.Take, log))
		})
	}
	return nil
}

// commandEnvironment is what the archive's command reads here. The checkpoint goes with the stack, as what is replayed does.
func (s *Stack) commandEnvironment() []string {
	a := s.Addresses
	return []string{
		"GOOGLE_CLOUD_PROJECT=" + Project, "ARCHIVE_BUCKET=" + archiveBucket, "ARCHIVE_CHECKPOINT=" + filepath.Join(s.dir, "archive.checkpoint.json"),
		"STORAGE_EMULATOR_HOST=" + strings.TrimPrefix(a.Storage, "http://"), "FIRESTORE_EMULATOR_HOST=" + a.Firestore,
		"GOOGLE_APPLICATION_CREDENTIALS=" + s.account, "FCM_ENDPOINT=" + a.FCM + "/v1", "CLOCK_FILE=" + s.offset,
	}
}

// Run runs a command of the table as its Cloud Run job does, and returns what it has printed, which is in the logs, too.
func (s *Stack) Run(ctx context.Context, command string, args ...string) (output string, err error) {
	log := filepath.Join(s.logs(), fmt.Sprintf("%s-%d.log", command, s.runs.Add(1)))
	env := append(s.commandEnvironment(), "FUNCTION_TARGET="+command, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), "TMPDIR="+os.TempDir())
	p, err := s.group.Start(process.Spec{Name: "command " + command, Path: s.binary, Args: args, Env: env, Dir: s.dir, Log: log})
	if err != nil {
		return "", err
	}
	err = finish(ctx, p)
	printed, readErr := os.ReadFile(log)
	return string(printed), errors.Join(err, readErr)
}
