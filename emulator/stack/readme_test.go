//go:build unix

package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// firstPort is what -port-base is by default, and what people copy from the READMEs.
const firstPort = 7400

var (
	address  = regexp.MustCompile(`(?:localhost|127\.0\.0\.1):(74[0-9]{2})((?:/[\w{}%.:-]*)*)`)
	portsRow = regexp.MustCompile(`^\| ((?:74[0-9]{2}(?:, )?)+) \| ([^|]*)\|`)
)

// A line that somebody copies from a README must reach the function that serves its path, and so must the operators' commands with -emulator.
func TestAddressesInREADMEsReachTheirFunctions(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.md", "*/README.md", "infra/playbooks/*.md", "infra/*/main.go"} {
		some, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	seen := 0
	for _, file := range files {
		for n, line := range lines(t, file) {
			for _, m := range address.FindAllStringSubmatch(line, -1) {
				port, _ := strconv.Atoi(m[1])
				seen++
				if problem := misses(port-firstPort, m[2]); problem != "" {
					t.Errorf("%s:%d: %s %s", file, n+1, m[0], problem)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d addresses were found; the test looks for the wrong thing", seen)
	}
}

// misses says why a path at a port is not what somebody meant; "" is nothing.
func misses(port int, path string) string {
	if port >= portCount {
		return fmt.Sprintf("is no port of the stack; the last one is %d", firstPort+portCount-1)
	}
	for _, f := range deployed.Functions {
		here, serves := functionPorts[f.Name] == port, slices.ContainsFunc(f.Paths, func(p string) bool { return covers(p, path) })
		switch {
		case here && !serves && path != "" && path != "/health":
			return "is the port of " + f.Name + ", which does not serve that path"
		case !here && serves && !sharesPath(port, path):
			return fmt.Sprintf("is not the port of %s, which serves that path: %d", f.Name, firstPort+functionPorts[f.Name])
		}
	}
	return ""
}

// sharesPath reports whether the port's own function serves the path too (publish and insight), or no function is there: the demo passes some paths on.
func sharesPath(port int, path string) bool {
	for _, f := range deployed.Functions {
		if functionPorts[f.Name] == port {
			return slices.ContainsFunc(f.Paths, func(p string) bool { return covers(p, path) })
		}
	}
	return true
}

// covers reports whether a function's path stands for that one, or begins with it: a command adds the rest.
func covers(pattern, path string) bool {
	is, want := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(strings.Trim(pattern, "/"), "/")
	for i, w := range want {
		if i == len(is) {
			return path != ""
		}
		if w != is[i] && !strings.HasPrefix(w, "{") {
			return false
		}
	}
	return len(is) == len(want) || strings.HasSuffix(pattern, "/")
}

// The table of ports has every port once, with the function that listens there.
func TestTheREADMEHasAllPorts(t *testing.T) {
	t.Parallel()
	told := map[int]int{}
	for n, line := range lines(t, "../README.md") {
		m := portsRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for text := range strings.SplitSeq(m[1], ", ") {
			port, _ := strconv.Atoi(text)
			told[port-firstPort]++
			for f, p := range functionPorts {
				if p == port-firstPort && !strings.Contains(m[2], "`"+f+"`") {
					t.Errorf("../README.md:%d: port %d is that of %s, and the line does not say so", n+1, port, f)
				}
			}
		}
	}
	for port := range portCount {
		if told[port] != 1 {
			t.Errorf("../README.md: port %d is there %d times; once was expected", firstPort+port, told[port])
		}
	}
	if len(told) != portCount {
		t.Errorf("../README.md: has %d ports, want %d", len(told), portCount)
	}
}

// The table of variables has all that the stack gives to a function.
func TestTheREADMEHasAllVariables(t *testing.T) {
	t.Parallel()
	readme := strings.Join(lines(t, "../README.md"), "\n")
	_, table, _ := strings.Cut(readme, "\n## What a function is told\n")
	table, _, _ = strings.Cut(table, "\n## ")
	given := regexp.MustCompile(`"([A-Z][A-Z_]+)="`)
	for _, file := range []string{"functions.go", "callers.go", "mail.go", "insight.go"} {
		for n, line := range lines(t, file) {
			for _, m := range given.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(table, "`"+m[1]+"`") && !strings.HasPrefix(m[1], "OTEL_") {
					t.Errorf("%s:%d: functions get %s; name it in ../README.md, What a function is told", file, n+1, m[1])
				}
			}
		}
	}
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}
