//go:build unix

package google

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"tidings.dev/emulator/internal/process"
)

// firebase-tools is pinned with all it depends on, hash by hash: 600 packages that run on a developer's machine should
// be the same tomorrow. The lock file holds no registry's address.
//
//go:embed firebase-tools/package.json firebase-tools/package-lock.json firebase-tools/auth.js
var tools embed.FS

// Auth returns the command that runs the Auth emulator; host, port and project are to be appended. It installs
// firebase-tools into the cache when this version is not there yet, which takes about a minute; npm runs in group.
func (f *Finder) Auth(ctx context.Context, group *process.Group) ([]string, error) {
	node, err := Node(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := f.install(ctx, group)
	if err != nil {
		return nil, err
	}
	return []string{node, filepath.Join(dir, "auth.js")}, nil
}

func (f *Finder) install(ctx context.Context, group *process.Group) (dir string, err error) {
	files := []string{"package.json", "package-lock.json", "auth.js"}
	sum := sha256.New()
	for _, name := range files {
		b, err := tools.ReadFile("firebase-tools/" + name)
		if err != nil {
			return "", err
		}
		sum.Write(b)
	}
	dir = filepath.Join(f.Cache, "firebase-tools-"+hex.EncodeToString(sum.Sum(nil))[:12])
	if err := os.MkdirAll(f.Cache, 0o700); err != nil {
		return "", err
	}
	unlock, err := process.Lock(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil { // a broken-off install
		return "", err
	}
	if err := os.Mkdir(part, 0o700); err != nil {
		return "", err
	}
	for _, name := range files {
		b, err := tools.ReadFile("firebase-tools/" + name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(part, name), b, 0o600); err != nil {
			return "", err
		}
	}
	if err := f.NPM(ctx, group, part, "firebase-tools, for the Auth emulator",
		"ci", "--ignore-scripts", "--omit=optional"); err != nil {
		return "", err
	}
	return dir, os.Rename(part, dir)
}

// NPM runs npm in a folder with the given arguments, and says that it installs what. When ctx ends, it ends npm.
func (f *Finder) NPM(ctx context.Context, group *process.Group, dir, what string, args ...string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm is not on the PATH: install Node.js 20 or later with npm (nodejs.org): %w", ErrMissing)
	}
	p, err := group.Start(process.Spec{
		Name: "npm " + args[0], Path: npm, Dir: dir, Log: filepath.Join(f.Logs, "npm.log"),
		// Without these options npm prints advertisements and asks the registry whether there is a newer npm.
		Args: append(args, "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"),
	})
	if err != nil {
		return err
	}
	f.Say("installing " + what)
	defer f.Doing("installing " + what)()
	select {
	case <-p.Done():
		return p.Err()
	case <-ctx.Done():
		p.Stop(0)
		return ctx.Err()
	}
}

var nodeVersion = regexp.MustCompile(`^v(\d+)\.`)

// Node returns the Node program, 20 or later.
func Node(ctx context.Context) (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("the Auth emulator and the web demo need Node.js 20 or later with npm (nodejs.org): %w", ErrMissing)
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", node, err)
	}
	if m := nodeVersion.FindSubmatch(out); m != nil {
		if major, err := strconv.Atoi(string(m[1])); err == nil && major >= 20 {
			return node, nil
		}
	}
	return "", fmt.Errorf("%s is version %.20q; the Auth emulator needs 20 or later (nodejs.org): %w", node, out, ErrMissing)
}
