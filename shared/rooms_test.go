package shared_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// How large a room is. A test is larger than code where it is a table.
const (
	maxFile     = 400 // lines
	maxFunction = 60
	maxTest     = 100 // a function of a test
)

// wholes are the files that cannot be divided.
var wholes = map[string]string{
	"infra/firestore.rules": "Firestore takes one file, and one cannot import another",
}

// sources are the names that files end in which people read as code.
var sources = []string{".go", ".ts", ".tsx", ".mjs", ".css", ".html", ".rules", ".tf", ".sql", ".yaml"}

// eachSource calls what with each source file of the repository, by its path from the top.
func eachSource(t *testing.T, what func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != ".."
		if d.IsDir() && (hidden || slices.Contains([]string{"node_modules", "dist", "testdata"}, d.Name())) {
			return filepath.SkipDir
		}
		if d.IsDir() || !slices.Contains(sources, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			what(strings.TrimPrefix(filepath.ToSlash(path), "../"), string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tooLong lists the functions of a Go file that do not fit on a screen. A function within another one is part of that one.
func tooLong(name, text string) (long []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	most := maxFunction
	if strings.HasSuffix(name, "_test.go") {
		most = maxTest
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			if n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; n > most {
				long = append(long, fmt.Sprintf("%s: %s has %d lines, and at most %d fit on a screen", name, f.Name.Name, n, most))
			}
		}
	}
	return long, nil
}

// TestRoomsAreSmall: no file is longer than a reader keeps in mind, and no function than a screen. Of web/, functions are Biome's to count
// (web/biome.json), and web/src/imports.test.ts holds files to less.
func TestRoomsAreSmall(t *testing.T) {
	t.Parallel()
	met, seen := map[string]bool{}, 0
	eachSource(t, func(name, text string) {
		seen++
		if n := strings.Count(text, "\n"); n > maxFile {
			if met[name] = true; wholes[name] == "" {
				t.Errorf("%s has %d lines; at most %d were expected: divide it along its nouns", name, n, maxFile)
			}
		}
		if filepath.Ext(name) != ".go" {
			return
		}
		long, err := tooLong(name, text)
		if err != nil {
			t.Error(err)
		}
		for _, one := range long {
			t.Error(one)
		}
	})
	if seen < 500 {
		t.Errorf("only %d files were found: the test looks in the wrong place", seen)
	}
	for name := range wholes {
		if !met[name] {
			t.Errorf("%s is no longer too long: take it out of this test", name)
		}
	}
}

// TestALongFunctionIsNoticed, or the test above would hold nothing.
func TestALongFunctionIsNoticed(t *testing.T) {
	t.Parallel()
	of := func(lines int) string {
		return "package x\n\nfunc (x X) long() {" + strings.Repeat("\n", lines-1) + "}\n"
	}
	for _, test := range []struct {
		name  string
		lines int
		long  int
	}{{"a.go", maxFunction, 0}, {"a.go", maxFunction + 1, 1}, {"a_test.go", maxTest, 0}, {"a_test.go", maxTest + 1, 1}} {
		if got, err := tooLong(test.name, of(test.lines)); err != nil || len(got) != test.long {
			t.Errorf("%s with %d lines: got %q, %v", test.name, test.lines, got, err)
		}
	}
}

// nameless are words that say nothing of what is in a package.
var nameless = []string{"base", "common", "core", "helper", "helpers", "lib", "misc", "model", "models", "shared", "types", "util", "utils"}

// TestEachPackageHasANameOfItsOwn. shared/ itself has tests alone.
func TestEachPackageHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	eachSource(t, func(name, _ string) {
		if folder := filepath.Base(filepath.Dir(name)); filepath.Ext(name) == ".go" && slices.Contains(nameless, folder) && filepath.Dir(name) != "shared" {
			t.Errorf("%s: %q says nothing of what is in the package", name, folder)
		}
	})
}

// whole are the packages that start more than one of the emulators that are processes.
var whole = []string{"emulator/stack", "emulator/google", "emulator/dispatch"}

// TestUnitsNeedOneEmulator: tests of shared/ and functions/ start Firestore's emulator at most (emulator/firestoretest), and no stack.
func TestUnitsNeedOneEmulator(t *testing.T) {
	t.Parallel()
	for _, top := range []string{"shared", "functions"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			pkg, err := build.ImportDir(path, 0)
			if pkg == nil || err != nil && len(pkg.TestGoFiles)+len(pkg.XTestGoFiles) == 0 {
				return nil // no package
			}
			for _, imported := range slices.Concat(pkg.TestImports, pkg.XTestImports) {
				if own, ours := strings.CutPrefix(imported, module); ours && slices.Contains(whole, own) {
					t.Errorf("the tests of %s start %s: a unit needs one emulator", path, own)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
