package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// goModules are the modules that go.mod requires, direct and indirect, with the licence that stands in their own files. Shipped is what the
// functions are linked with; the others are for tests and the local stack.
func goModules(dir string) (found []part, err error) {
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./functions")
	list.Dir = dir
	linked, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list ./functions: %w", err)
	}
	shipped := strings.Fields(string(linked))
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := run(dir, &mod, "mod", "edit", "-json"); err != nil {
		return nil, err
	}
	args := []string{"mod", "download", "-json"}
	for _, r := range mod.Require {
		args = append(args, r.Path+"@"+r.Version)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w: %s", err, out)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct{ Path, Dir string }
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		license, err := ofFolder(m.Dir)
		if err != nil {
			return nil, err
		}
		found = append(found, part{from: "go.mod", name: m.Path, license: license, shipped: slices.Contains(shipped, m.Path)})
	}
}

func run(dir string, into any, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return json.Unmarshal(out, into)
}

var fileName = regexp.MustCompile(`(?i)^(licen[cs]e|copying)(-.*)?(\.md|\.txt)?$`)

// ofFolder is the licence in the files of a folder, "" where none is known. Several files are several licences, all of which hold.
func ofFolder(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var all []string
	for _, e := range entries {
		if e.IsDir() || !fileName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		all = append(all, classify(string(text))...)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " AND "), nil
}

// signs are sentences that a licence has and no other one has. A text may have several, as one that quotes the licence of what it is made of.
var signs = []struct{ license, sentence string }{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"GPL", "gnu general public license"},
	{"GPL", "gnu lesser general public license"},
	{"GPL", "gnu affero general public license"},
}

// classify names the licences in a text; an unknown one is "unknown".
func classify(text string) (licenses []string) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, s := range signs {
		if strings.Contains(text, s.sentence) {
			licenses = append(licenses, s.license)
		}
	}
	if strings.Contains(text, "redistribution and use in source and binary forms") {
		if strings.Contains(text, "neither the name") || strings.Contains(text, "may be used to endorse or promote products") {
			licenses = append(licenses, "BSD-3-Clause")
		} else {
			licenses = append(licenses, "BSD-2-Clause")
		}
	}
	if len(licenses) == 0 {
		return []string{"unknown"}
	}
	return licenses
}

// npmPackages are the packages of a lock file, with the licence that each declares. Those of development alone are tools.
func npmPackages(lock string) (found []part, err error) {
	raw, err := os.ReadFile(filepath.FromSlash(lock))
	if err != nil {
		return nil, err
	}
	var file struct {
		Packages map[string]struct {
			License   string
			Dev, Link bool
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", lock, err)
	}
	tool := strings.Contains(lock, "firebase-tools") // which the local stack starts, and nothing is made of
	for _, place := range slices.Sorted(maps.Keys(file.Packages)) {
		p := file.Packages[place]
		if place == "" || p.Link {
			continue
		}
		_, name, nested := strings.Cut(place, "node_modules/")
		for nested && strings.Contains(name, "node_modules/") {
			_, name, _ = strings.Cut(name, "node_modules/")
		}
		found = append(found, part{from: lock, name: name, license: p.License, shipped: !p.Dev && !tool})
	}
	return found, nil
}
