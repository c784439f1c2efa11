package infra_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"tidings.dev/emulator/requirement"
)

// The configuration is checked by OpenTofu itself. TOFU_CHECK names a program that is given a folder, and runs fmt, init, validate and
// test over it without a cloud; with only tofu on the PATH (and the network, for the provider) it is fmt, init and validate.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	check := os.Getenv("TOFU_CHECK")
	if check == "" {
		tofu, err := exec.LookPath("tofu")
		if err != nil {
			requirement.Extra(t, "tofu fmt, validate and test", errors.New("set TOFU_CHECK to a program that runs them over a folder, or install tofu for the first two"))
		}
		t.Log("TOFU_CHECK is not set: infra/tests were not run")
		dir := withValues(t, "")
		for _, args := range [][]string{{"fmt", "-check", "-recursive"}, {"init", "-backend=false", "-input=false"}, {"validate"}} {
			run(t, dir, tofu, args...)
		}
		return
	}
	// Each environment's values are held to the same promises.
	for _, environment := range []string{"", "dev", "prod"} {
		run(t, ".", check, withValues(t, environment))
	}
}

// withValues copies the configuration, and the values of an environment to where OpenTofu finds them by itself.
func withValues(t *testing.T, environment string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	if environment != "" {
		values, err := os.ReadFile(filepath.Join("environments", environment, "terraform.tfvars"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "terraform.tfvars"), values, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %v: %v\n%s", filepath.Base(program), args, err, out)
	}
}

var (
	declared = regexp.MustCompile(`(?m)^variable "(\w+)"`)
	assigned = regexp.MustCompile(`(?m)^(\w+)\s*=`)
)

// OpenTofu only warns of a value that nothing declares, so a misspelt one would be lost.
func TestEveryValueIsDeclared(t *testing.T) {
	t.Parallel()
	names := firstGroups(declared, read(t, "variables.tf"))
	for _, environment := range []string{"dev", "prod"} {
		values := firstGroups(assigned, read(t, filepath.Join("environments", environment, "terraform.tfvars")))
		if !slices.Contains(values, "project") {
			t.Errorf("%s: project is not set", environment)
		}
		for _, value := range values {
			if !slices.Contains(names, value) {
				t.Errorf("%s sets %q, which variables.tf does not declare", environment, value)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func firstGroups(re *regexp.Regexp, text string) (groups []string) {
	for _, match := range re.FindAllStringSubmatch(text, -1) {
		groups = append(groups, match[1])
	}
	return groups
}
