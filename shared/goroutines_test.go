package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// ownGoroutines are the files that start a goroutine by themselves, because it calls one function that handles nobody's data, or because it catches what
// panics itself.
var ownGoroutines = map[string]string{
	"functions/server.go":                   "serves, until the process ends",
	"functions/framework.go":                "serves, until the process ends",
	"functions/mirror/coalescer.go":         "each piece of work catches its own",
	"functions/notify/groupcommit/queue.go": "each batch catches its own",
	"shared/telemetry/telemetry.go":         "stops an exporter",
}

// A panic in a goroutine ends the process, whatever catches panics elsewhere. So goroutines are started by shared/tasks alone.
func TestGoroutinesAreTasks(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, top := range []string{"shared", "functions"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(filepath.ToSlash(path), "../")
			if !startsGoroutine(file) || strings.HasSuffix(filepath.Dir(name), "test") {
				return nil
			}
			if met[name] = true; ownGoroutines[name] == "" {
				t.Errorf("%s starts a goroutine, in which a panic would end the process: use shared/tasks", name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range ownGoroutines {
		if !met[name] {
			t.Errorf("%s starts no goroutine: take it out of this test", name)
		}
	}
}

// startsGoroutine reports whether there is a go statement or a wait group, whose Go is one.
func startsGoroutine(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.SelectorExpr:
			pkg, _ := n.X.(*ast.Ident)
			found = found || pkg != nil && pkg.Name == "sync" && n.Sel.Name == "WaitGroup"
		}
		return true
	})
	return found
}
