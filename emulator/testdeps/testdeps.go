// Package testdeps tells Go's test cache about sources that a test uses without importing them: the functions that it builds and
// runs, the scripts that it hands to Node. Without it, `go test` would repeat an old result after they changed.
package testdeps

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// On makes the package's result depend on every file below the folders, except installed and built ones: the cache takes note
// of each file that a test looks at.
func On(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "dist") {
				return fs.SkipDir
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
