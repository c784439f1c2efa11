package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		license string
		shipped bool
		want    bool
	}{
		{"MIT", true, true}, {"(MIT OR GPL-3.0)", true, true}, {"MIT AND GPL-3.0", true, false}, {"Apache-2.0 AND BSD-3-Clause", true, true},
		{"MPL-2.0", true, false}, {"MPL-2.0", false, true}, {"GPL-3.0", false, false}, {"", false, false}, {"unknown", true, false}, {"AGPL-3.0-only", true, false},
	} {
		if got := (part{license: test.license, shipped: test.shipped}).allowed(); got != test.want {
			t.Errorf("%q, shipped %t: got %t", test.license, test.shipped, got)
		}
	}
	if (part{name: "fuzzy", shipped: true}).allowed() || !(part{name: "fuzzy"}).allowed() {
		t.Error("what somebody has read counts for tools, and for nothing else")
	}
}

func TestALicenceIsKnownByItsText(t *testing.T) {
	t.Parallel()
	const bsd = "Redistribution and use in source and\n   binary forms, with or without modification, are permitted"
	for text, want := range map[string]string{
		"Permission is hereby granted, free\nof charge, to any person obtaining a copy of": "MIT",
		bsd: "BSD-2-Clause", bsd + "\n * Neither the name of Google": "BSD-3-Clause", "Apache License\n   Version 2.0, January 2004\n": "Apache-2.0",
		"GNU GENERAL PUBLIC LICENSE Version 3": "GPL", "All rights reserved.": "unknown",
	} {
		if got := strings.Join(classify(text), " AND "); got != want {
			t.Errorf("%.40q: got %s, want %s", text, got, want)
		}
	}
	if dir := t.TempDir(); true {
		if got, err := ofFolder(dir); got != "" || err != nil {
			t.Errorf("a folder without a licence: got %q, %v", got, err)
		}
		for name, text := range map[string]string{"LICENSE": "Mozilla Public License Version 2.0", "LICENSE-MIT.txt": "Permission is hereby granted, free of charge, to any person obtaining a copy", "license.go": "package x"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := ofFolder(dir); !strings.Contains(got, "MIT AND MPL-2.0") || err != nil {
			t.Errorf("two licences: got %q, %v", got, err)
		}
	}
}

func TestWhatIsNotAllowedFailsTheCommand(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := report(&out, []part{{from: "go.mod", name: "example.com/a", license: "MIT", shipped: true}, {from: "go.mod", name: "example.com/b", license: "GPL", shipped: true}}, true)
	if err == nil || !strings.Contains(out.String(), "example.com/b") || strings.Contains(out.String(), "example.com/a") {
		t.Errorf("got %v and\n%s", err, out.String())
	}
}
