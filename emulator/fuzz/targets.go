//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// target is one fuzz function.
type target struct {
	pkg  string // its import path
	dir  string // its package's folder
	name string
}

func (t target) String() string { return strings.TrimPrefix(t.pkg, "tidings.dev/") + "." + t.name }

// binary is the name of its package's test binary, as `go test -c` calls it.
func (t target) binary() string { return path.Base(t.pkg) + ".test" }

var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// find lists the targets of all packages, in the order of their names.
func find(ctx context.Context, wanted *regexp.Regexp) (targets []target, err error) {
	listed, err := goCommand(ctx, "list", "-f", `{{.ImportPath}}{{"\t"}}{{.Dir}}{{"\t"}}{{join .TestGoFiles " "}} {{join .XTestGoFiles " "}}`, "./...")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(listed)) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		if len(columns) != 3 {
			continue // it has no tests
		}
		for _, file := range strings.Fields(columns[2]) {
			source, err := os.ReadFile(filepath.Join(columns[1], file))
			if err != nil {
				return nil, err
			}
			for _, found := range declaration.FindAllSubmatch(source, -1) {
				if t := (target{columns[0], columns[1], string(found[1])}); wanted.MatchString(t.String()) {
					targets = append(targets, t)
				}
			}
		}
	}
	return targets, nil
}

// build makes the test binaries of the targets' packages, with our own packages instrumented for coverage.
func build(ctx context.Context, targets []target, dir string) error {
	args := []string{"test", "-c", "-gcflags=tidings.dev/...=-d=libfuzzer", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)}
	seen := map[string]string{}
	for _, t := range targets {
		switch other := seen[t.binary()]; other {
		case "":
			seen[t.binary()], args = t.pkg, append(args, t.pkg)
		case t.pkg:
		default:
			return fmt.Errorf("%s and %s have fuzz targets and the same last name, so go test -c cannot build both at once; rename one", other, t.pkg)
		}
	}
	_, err := goCommand(ctx, args...)
	return err
}

func goCommand(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s%s", args[0], err, out, complaint.Bytes())
	}
	return out, nil
}
