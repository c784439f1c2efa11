//go:build unix

package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/internal/process"
	"tidings.dev/shared/topology"
)

// InstallWeb puts web/node_modules in order by `npm ci`, unless it is what the lock file says already: for tests that run
// the web package's own checks. root is the repository, found upwards of the working directory if empty. It may run
// beside stacks that do the same. An error that wraps ErrMissing is a reason to skip.
func InstallWeb(ctx context.Context, root string, progress io.Writer) error {
	root, err := findRoot(root)
	if err != nil {
		return err
	}
	s := &Stack{progress: newProgress(progress), done: make(chan struct{}), cancel: func(error) {}}
	if err = s.prepare(); err == nil {
		err = s.progress.during(func() error {
			return s.locked(ctx, root, func(web string) error { return s.installWeb(ctx, web) })
		})
	}
	s.fail(err)
	s.Close()
	return s.withLogs(err)
}

// buildWeb brings web/node_modules and web/dist up to date, and does nothing if they are.
func (s *Stack) buildWeb(ctx context.Context, root string) error {
	return s.locked(ctx, root, func(web string) error {
		if err := s.installWeb(ctx, web); err != nil {
			return err
		}
		return s.bundleWeb(ctx, web)
	})
}

func (s *Stack) locked(ctx context.Context, root string, f func(web string) error) error {
	unlock, err := process.Lock(ctx, filepath.Join(s.finder.Cache, "web-"+keyOf(root)+".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := google.Node(ctx); err != nil {
		return err
	}
	return f(filepath.Join(root, "web"))
}

// What was installed and built is noted within node_modules, so that the notes go with it.
func note(web, name string) string { return filepath.Join(web, "node_modules", ".tidings-"+name) }

func (s *Stack) installWeb(ctx context.Context, web string) error {
	lock, err := os.ReadFile(filepath.Join(web, "package-lock.json"))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(lock)
	want := []byte(hex.EncodeToString(sum[:]))
	if got, err := os.ReadFile(note(web, "lock")); err == nil && bytes.Equal(got, want) {
		return nil
	}
	if err := s.finder.NPM(ctx, s.group, web, "the web demo's packages", "ci"); err != nil {
		return err
	}
	return os.WriteFile(note(web, "lock"), want, 0o600)
}

func (s *Stack) bundleWeb(ctx context.Context, web string) error {
	want, err := hashTree(web)
	if err != nil {
		return err
	}
	if got, err := os.ReadFile(note(web, "build")); err == nil && bytes.Equal(got, want) {
		if _, err := os.Stat(filepath.Join(web, "dist", "index.html")); err == nil {
			return nil
		}
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm is not on the PATH: %w", ErrMissing)
	}
	p, err := s.group.Start(process.Spec{
		Name: "npm run build in web", Path: npm, Args: []string{"run", "build", "--no-update-notifier"},
		Dir: web, Log: filepath.Join(s.logs(), "web-build.log"),
	})
	if err != nil {
		return err
	}
	defer s.progress.doing("building the web demo")()
	if err := finish(ctx, p); err != nil {
		return err
	}
	s.progress.say("the web demo is built")
	return os.WriteFile(note(web, "build"), want, 0o600)
}

// hashTree returns a hash of all sources below a folder, names and contents, in hexadecimal.
func hashTree(dir string) ([]byte, error) {
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == "dist" || path != dir && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%q %d\n", name, len(b))
		sum.Write(b)
		return nil
	})
	return []byte(hex.EncodeToString(sum.Sum(nil))), err
}

// webHandler serves the demo: its files, and what its product's back end would do.
func (s *Stack) webHandler(dist string) (http.Handler, error) {
	publish, err := url.Parse(s.Addresses.Publish)
	if err != nil {
		return nil, err
	}
	insight, err := url.Parse(s.Addresses.Insight)
	if err != nil {
		return nil, err
	}
	description, err := s.describe()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	// client: the demo, to find the emulators.
	mux.HandleFunc("GET /stack.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(description) // fails only if the client has hung up
	})
	// client: somebody at a terminal, for curl.
	mux.HandleFunc("GET /producer-token", func(w http.ResponseWriter, r *http.Request) {
		token, err := s.accounts.token(r.Context(), producerUID)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, token)
	})
	// client: the same, for dead letters.
	mux.HandleFunc("GET /operator-token", func(w http.ResponseWriter, r *http.Request) {
		token, err := s.CallerToken(topology.Operator, "deadletters")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, token)
	})
	// client: the demo. A product's back end is a producer: it would post its events itself, and ask what became of them.
	mux.Handle("POST /v1/events", s.asProducer(publish))
	mux.Handle("GET /v1/events/{source}/{id}/log", s.asProducer(insight))
	mux.Handle("GET /v1/insight/", s.asProducer(insight))
	// client: the demo's buttons, as if another system had something to tell: ?uid= says whom.
	mux.Handle("POST /replay/{source}", s.newReplayer())
	// client: the demo, the spans of one event.
	mux.HandleFunc("GET /traces/{id}", s.Traces.Tell)
	files := http.FileServer(http.Dir(dist))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache") // the next stack on this port may have another build
		files.ServeHTTP(w, r)
	})
	return mux, nil
}

// asProducer passes requests on to a function, with the producer's token.
func (s *Stack) asProducer(function *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(function)
		r.Out.Header.Del("Cookie")
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := s.accounts.token(r.Context(), producerUID)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		proxy.ServeHTTP(w, r)
	})
}

// describe returns stack.json.
func (s *Stack) describe() ([]byte, error) {
	host, port, err := net.SplitHostPort(s.Addresses.Firestore)
	if err != nil {
		return nil, err
	}
	type firestore struct {
		Host string `json:"host"`
		Port int    `json:"port"`
	}
	type person struct {
		Name     string `json:"name"`
		UID      string `json:"uid"`
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	out := struct {
		Project   string    `json:"project"`
		Firestore firestore `json:"firestore"`
		Auth      string    `json:"auth"`
		FCM       string    `json:"fcm"`
		Clock     string    `json:"clock"`
		Mailbox   string    `json:"mailbox"`
		People    []person  `json:"people"`
	}{
		Project: Project, Firestore: firestore{Host: host}, Auth: "http://" + s.Addresses.Auth,
		FCM: s.Addresses.FCM, Clock: s.Addresses.Clock, Mailbox: s.Addresses.Mailbox,
	}
	if out.Firestore.Port, err = net.LookupPort("tcp", port); err != nil {
		return nil, err
	}
	for _, name := range names {
		uid := uidOf(name)
		out.People = append(out.People, person{Name: name, UID: uid, Email: emailOf(uid), Password: password})
	}
	return json.Marshal(out)
}
