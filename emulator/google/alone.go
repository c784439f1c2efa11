//go:build unix

package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tidings.dev/emulator/internal/loopback"
	"tidings.dev/emulator/internal/process"
)

// CacheDir returns our folder in the user's cache, and makes it.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w", err)
	}
	dir = filepath.Join(dir, "tidings")
	return dir, os.MkdirAll(dir, 0o700)
}

// Firestore starts the Firestore emulator alone, for the tests of a package: on a free port, with the security rules of a
// file, or open to all if rules is empty. stop ends it. One that runs already (FIRESTORE_EMULATOR_HOST) is used as it is;
// LoadRules can set its rules. Tests should use a project id each: projects are isolated.
//
// The caller sets FIRESTORE_EMULATOR_HOST for the SDK if it wants that. An error that wraps ErrMissing is a reason to skip.
func Firestore(ctx context.Context, rules string) (host string, stop func(), err error) {
	if host := os.Getenv("FIRESTORE_EMULATOR_HOST"); host != "" {
		return host, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "tidings-firestore-")
	if err != nil {
		return "", nil, err
	}
	group, err := process.NewGroup()
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop = func() {
		group.Close(3 * time.Second)
		_ = os.RemoveAll(dir) // logs of what went well
	}
	if host, err = startFirestore(ctx, group, dir, rules); err != nil {
		stop()
		return "", nil, err
	}
	return host, stop, nil
}

func startFirestore(ctx context.Context, group *process.Group, dir, rules string) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	l, err := loopback.ListenAnywhere()
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	host, port, err := net.SplitHostPort(address)
	if err := errors.Join(err, l.Close()); err != nil {
		return "", err
	}
	f := &Finder{Cache: cache, Logs: dir, Say: func(string) {}, Doing: func(string) func() { return func() {} }}
	command, err := f.Firestore(ctx, group, host, port)
	if err != nil {
		return "", err
	}
	if rules != "" {
		if rules, err = filepath.Abs(rules); err != nil {
			return "", err
		}
		command = append(command, "--rules", rules)
	}
	child, err := group.Start(process.Spec{Name: "Firestore emulator", Path: command[0], Args: command[1:], Dir: dir, Log: filepath.Join(dir, "firestore.log")})
	if err != nil {
		return "", err
	}
	return address, child.Ready(ctx, "http://"+address+"/")
}

// LoadRules replaces the security rules of one project in a running Firestore emulator by those of a file.
func LoadRules(ctx context.Context, host, project, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return PutRules(ctx, host, project, string(text))
}

// PutRules replaces the security rules of one project in a running Firestore emulator.
func PutRules(ctx context.Context, host, project, text string) error {
	body, err := json.Marshal(map[string]any{"rules": map[string]any{
		"files": []map[string]string{{"name": "firestore.rules", "content": text}},
	}})
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://%s/emulator/v1/projects/%s:securityRules", host, project)
	return Call(ctx, http.MethodPut, url, json.RawMessage(body), nil)
}
