package shared_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testName  = regexp.MustCompile(`\b(?:Test|Benchmark|Fuzz)[A-Z]\w+`)
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`)
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdCode    = regexp.MustCompile("`([^`]+)`")
	mdHeading = regexp.MustCompile(`^#+ (.*)`)
	goCommand = regexp.MustCompile(`\bgo (?:run|test|build) (?:-\S+ )*\./([\w/]+)`)
	fileName  = regexp.MustCompile(`^[\w./-]+\.(?:go|tf|ts|tsx|mjs|ya?ml|json|rules|sql|md|hcl)$`)
	envName   = regexp.MustCompile(`\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b`)

	// others are names of other programs, and of files that commands write.
	others = []string{"GOOGLE_BUILDABLE", "CREATE_TIME", "APPROX_QUANTILES", "TIMESTAMP_MICROS", "DEAD_LETTERS_URL", "WEBHOOKS_URL", "functions.cdx.json", "web.cdx.json"}
)

// A repository is what READMEs can name.
type repository struct {
	files    []string        // by their paths from the top
	tests    map[string]bool // names of test functions
	headings map[string][]string
	source   string // all of it, for names of variables
}

// What a README names is there: tests, files, packages of commands, sections, environment variables.
func TestWhatREADMEsNameIsThere(t *testing.T) {
	t.Parallel()
	all := readRepository(t)
	seen := 0
	for _, file := range all.files {
		if path.Base(file) != "README.md" && !strings.HasPrefix(file, "infra/playbooks/") {
			continue
		}
		for n, line := range strings.Split(text(t, file), "\n") {
			for _, name := range all.missing(file, line) {
				t.Errorf("%s:%d: %s is not there; name what is, or take it out", file, n+1, name)
			}
			seen += len(mdLink.FindAllString(line, -1)) + len(testName.FindAllString(line, -1))
		}
	}
	if seen < 100 {
		t.Errorf("%d links and tests were found; the test looks for the wrong thing", seen)
	}
}

// Each package says what it is, above its package clause.
func TestEachPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	says := map[string]bool{}
	comment := regexp.MustCompile(`(?m)^// (?:Package|Command) \w+ [^\n]*\n(?:(?://[^\n]*)\n)*package `)
	for _, file := range readRepository(t).files {
		if path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go") && !strings.Contains(file, "/testdata/") {
			says[path.Dir(file)] = says[path.Dir(file)] || comment.MatchString(text(t, file))
		}
	}
	for folder, said := range says {
		if !said {
			t.Errorf("%s: no file begins with a comment \"// Package %s …\"; say what it is", folder, path.Base(folder))
		}
	}
}

// Each variable that a function reads is in the README of the functions.
func TestTheREADMEHasEachVariable(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(text(t, "functions/README.md"), "\n## Environment variables\n")
	read := regexp.MustCompile(`\b(?:lookup|getenv|Getenv)\("([A-Z][A-Z0-9_]*[A-Z0-9])"\)`)
	for _, file := range readRepository(t).files {
		deployed := strings.HasPrefix(file, "functions/") || strings.HasPrefix(file, "shared/")
		if !deployed || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/testdata/") {
			continue
		}
		for _, m := range read.FindAllStringSubmatch(text(t, file), -1) {
			if !strings.Contains(table, "`"+m[1]+"`") {
				t.Errorf("%s reads %s; name it in functions/README.md, Environment variables", file, m[1])
			}
		}
	}
}

// missing are the names in a line of a README that stand for nothing.
func (all repository) missing(readme, line string) (names []string) {
	no := func(is bool, name string) {
		if !is && !slices.Contains(others, name) {
			names = append(names, name)
		}
	}
	for _, name := range testName.FindAllString(line, -1) {
		no(all.tests[name], name)
	}
	for _, m := range goCommand.FindAllStringSubmatch(line, -1) {
		no(all.has(strings.TrimSuffix(m[1], "/")), "./"+m[1])
	}
	for _, m := range mdLink.FindAllStringSubmatch(line, -1) {
		if strings.Contains(m[1], ":") {
			continue
		}
		to, section, _ := strings.Cut(m[1], "#")
		at := path.Join(path.Dir(readme), to)
		if to == "" {
			at = readme
		}
		no(all.has(at) && (section == "" || slices.Contains(all.headings[at], section)), m[1])
	}
	for _, m := range mdCode.FindAllStringSubmatch(line, -1) {
		if fileName.MatchString(m[1]) {
			no(slices.ContainsFunc(all.files, func(f string) bool { return strings.HasSuffix("/"+f, "/"+strings.TrimPrefix(m[1], "/")) }), m[1])
		}
		for _, name := range envName.FindAllString(m[1], -1) {
			no(strings.Contains(all.source, name), name)
		}
	}
	return names
}

// has reports whether there is such a file or folder.
func (all repository) has(at string) bool {
	return at == "." || slices.ContainsFunc(all.files, func(f string) bool { return f == at || strings.HasPrefix(f, at+"/") })
}

func readRepository(t *testing.T) repository {
	t.Helper()
	all := repository{tests: map[string]bool{}, headings: map[string][]string{}}
	var source strings.Builder
	err := fs.WalkDir(os.DirFS(".."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"node_modules", ".git", "dist"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		all.files = append(all.files, file)
		switch path.Ext(file) {
		case ".md":
			all.headings[file] = sections(text(t, file))
		case ".go", ".tf", ".ts", ".tsx", ".mjs", ".json", ".yaml", ".sql":
			if file == "shared/readmes_test.go" || strings.Contains(file, "/testdata/") || d.Type()&fs.ModeSymlink != 0 {
				return nil
			}
			code := text(t, file)
			source.WriteString(code)
			for _, m := range testFunc.FindAllStringSubmatch(code, -1) {
				all.tests[m[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all.source = source.String()
	return all
}

// sections are the anchors that GitHub makes of a text's headings.
func sections(text string) (anchors []string) {
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if m := mdHeading.FindStringSubmatch(strings.TrimSpace(line)); m != nil && !fenced {
			anchor := regexp.MustCompile(`[^\w -]`).ReplaceAllString(strings.ToLower(m[1]), "")
			anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
		}
	}
	return anchors
}

func text(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(path.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
