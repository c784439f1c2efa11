//go:build unix

package bill

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"tidings.dev/emulator/stack"
)

// page is a person's page: the web package's own core, on Node (web/e2e/visits.mjs). What it reads and writes is what a browser's does.
type page struct {
	process *exec.Cmd
	orders  *json.Encoder
	input   io.Closer
	answers *bufio.Scanner
	isOpen  bool
}

// startPage builds the web package and starts the page's process, once for all cases. What a case before has left open is closed.
func (s *system) startPage(ctx context.Context) error {
	if s.page != nil {
		return s.leave(ctx)
	}
	s.say("building the web package")
	if err := stack.InstallWeb(ctx, s.stack.Root(), io.Discard); err != nil {
		return err
	}
	web := filepath.Join(s.stack.Root(), "web")
	out := filepath.Join("node_modules", ".tidings-bill") // not dist: somebody may be packing that
	build := exec.CommandContext(ctx, "node", filepath.Join("node_modules", "vite", "bin", "vite.js"), "build", "-c", "vite.lib.config.ts", "--outDir", out, "--emptyOutDir", "--logLevel", "error")
	build.Dir = web
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the web package: %w\n%s", err, said)
	}
	a := s.stack.Addresses
	p := &page{process: exec.Command("node", filepath.Join("e2e", "visits.mjs"), filepath.Join(web, out), a.Auth, s.firestore[pageTap].Address, stack.Project)}
	p.process.Dir, p.process.Stderr = web, os.Stderr
	input, err := p.process.StdinPipe()
	if err != nil {
		return err
	}
	output, err := p.process.StdoutPipe()
	if err != nil {
		return err
	}
	p.orders, p.input, p.answers = json.NewEncoder(input), input, bufio.NewScanner(output)
	if err := p.process.Start(); err != nil {
		return err
	}
	s.page = p
	return nil
}

// stop ends the process: it goes when nobody gives orders any more.
func (p *page) stop() {
	_ = p.input.Close()
	_ = p.process.Wait()
}

// order is one thing that the page is to do. visits.mjs says what each is.
type order struct {
	Do       string           `json:"do"`
	Email    string           `json:"email,omitempty"`
	Password string           `json:"password,omitempty"`
	Offset   int64            `json:"offset,omitempty"` // of the clock, in milliseconds
	Seconds  int              `json:"seconds,omitempty"`
	Items    map[string]int64 `json:"items,omitempty"` // by id: their revision
	Count    int              `json:"count,omitempty"`
}

// do has the page do something, and returns the number that it answers with, when the server has all of it.
func (p *page) do(o order) (int, error) {
	if err := p.orders.Encode(o); err != nil {
		return 0, err
	}
	if !p.answers.Scan() {
		return 0, fmt.Errorf("the page ended over %q: %w", o.Do, p.answers.Err())
	}
	var answer struct {
		Count int
		Error string
	}
	if err := json.Unmarshal(p.answers.Bytes(), &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, fmt.Errorf("the page, told to %s: %s", o.Do, answer.Error)
	}
	return answer.Count, nil
}
