// Command licenses lists the licence of every module and package that this repository is built of, tested with or started by, and fails
// where one is not allowed: `go run ./infra/licenses`. It reads go.mod with the modules' own licence files, and the package-lock.json files.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	short := flag.Bool("short", false, "print what is not allowed and the sums, and no list")
	flag.Parse()
	if err := realMain(os.Stdout, *short); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

// locks are the lock files of npm packages, from the repository's root.
var locks = []string{"web/package-lock.json", "emulator/google/firebase-tools/package-lock.json"}

func realMain(out io.Writer, short bool) error {
	found, err := goModules(".")
	if err != nil {
		return err
	}
	for _, lock := range locks {
		more, err := npmPackages(lock)
		if err != nil {
			return err
		}
		found = append(found, more...)
	}
	return report(out, found, short)
}

// part is a module or a package.
type part struct {
	from    string // go.mod, or the lock file
	name    string
	license string // as SPDX writes it; "" is unknown
	shipped bool   // it may be part of what is deployed or published; else it is a tool of developers and tests
}

// The licences that are allowed. Whatever is shipped may be linked into a closed product with a notice; a tool may also be under a licence
// whose terms are about its own files.
var (
	allowed      = []string{"0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
	allowedTools = append([]string{"CC0-1.0", "MPL-2.0", "Python-2.0", "Unlicense"}, allowed...)

	// tools that name no licence of SPDX; somebody has read what they say instead.
	read = map[string]string{
		"deep-freeze":        "public domain",
		"fuzzy":              "MIT",
		"url-template":       "BSD-3-Clause",
		"valid-url":          "MIT",
		"@visx/vendor":       "MIT AND ISC",
		"modernc.org/memory": "BSD-3-Clause", // and the address of a logo
		"modernc.org/sqlite": "BSD-3-Clause", // SQLite itself is in the public domain; the GPL is named in the text of another licence
	}
)

func (p part) allowed() bool {
	list := allowed
	if !p.shipped {
		if read[p.name] != "" {
			return true
		}
		list = allowedTools
	}
	// SPDX expressions, as far as they occur: one of several, or all of several.
	for choice := range strings.SplitSeq(strings.Trim(p.license, "()"), " OR ") {
		all := strings.Split(choice, " AND ")
		if !slices.ContainsFunc(all, func(one string) bool { return !slices.Contains(list, strings.TrimSpace(one)) }) {
			return true
		}
	}
	return false
}

func report(out io.Writer, found []part, short bool) error {
	sums, bad := map[string]int{}, 0
	for _, p := range found {
		license := p.license
		if license == "" {
			license = "unknown"
		}
		sums[license]++
		ok := p.allowed()
		if !ok {
			bad++
		}
		if !ok || !short {
			mark := map[bool]string{true: "", false: "  NOT ALLOWED"}[ok]
			fmt.Fprintf(out, "%-30s %-60s %s%s\n", license, p.name, p.from, mark)
		}
	}
	var names []string
	for license := range sums {
		names = append(names, fmt.Sprintf("%s %d", license, sums[license]))
	}
	slices.Sort(names)
	fmt.Fprintf(out, "%d modules and packages: %s\n", len(found), strings.Join(names, ", "))
	if bad > 0 {
		return fmt.Errorf("%d of them have a licence that is not on the list in infra/licenses", bad)
	}
	return nil
}
