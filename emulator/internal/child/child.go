//go:build unix

// Package child runs the programs of a local stack so that none can outlive it, whatever ends it: a clean stop, a
// panic, kill -9 of this process or of any of its children.
//
// Each child leads a process group of its own, so that a signal reaches its children too, and Ctrl-C in the terminal
// reaches only us. Two means see to its end, because each alone has a gap. A guardian, a shell that reads the groups from
// a pipe, kills what is left when the pipe breaks, which it does however we die; it works on every Unix and reaches
// grandchildren. On Linux the kernel kills a direct child with its parent as well (Pdeathsig), which covers the moment
// between a child's start and the guardian's knowing of it.
package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The guardian ignores the terminal's signals: it has to be the last to go. "+ n" and "- n" add and remove group n.
const guardian = `trap '' INT TERM HUP QUIT
groups=' '
while read -r op n; do
	case $op in
	+) groups="$groups$n " ;;
	-) groups="${groups%%" $n "*} ${groups#*" $n "}" ;;
	esac
done
for n in $groups; do kill -KILL -"$n" 2>/dev/null; done
exit 0`

// A Group starts children and ends them together. Close must be called.
type Group struct {
	starts chan func() // run on the one thread that all children have as parent

	mu       sync.Mutex
	pipe     io.WriteCloser // to the guardian
	watch    *Process       // the guardian itself
	children []*Process
	closed   bool
}

// A Spec is a program to start.
type Spec struct {
	Name string   // for people: "Firestore emulator"
	Path string   // as exec.Command takes it
	Args []string // without the program
	Env  []string // the whole environment, as "key=value"; nil: ours
	Dir  string   // empty: ours
	Log  string   // the file that takes standard output and error; created or appended to
}

// NewGroup starts an empty group.
func NewGroup() (*Group, error) {
	g := &Group{starts: make(chan func())}
	// Pdeathsig fires when the parent *thread* ends. Go ends a thread only with a goroutine locked to it, so this one
	// thread lives until Close.
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for start := range g.starts {
			start()
		}
	}()
	cmd := exec.Command("/bin/sh", "-c", guardian)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		g.watch, err = g.start(cmd, "guardian", "")
	}
	if err != nil {
		close(g.starts)
		return nil, fmt.Errorf("starting the guardian: %w", err)
	}
	g.pipe = pipe
	return g, nil
}

// Guardian returns the process that sees to the others' end. When it dies the group is no longer safe and should be
// closed.
func (g *Group) Guardian() *Process { return g.watch }

// Start runs a program until it ends by itself, is stopped, or the group is closed.
func (g *Group) Start(spec Spec) (*Process, error) {
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	defer log.Close() // the child has its own
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, fmt.Errorf("%s: %w", spec.Name, os.ErrClosed)
	}
	p, err := g.start(cmd, spec.Name, spec.Log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	g.children = append(g.children, p)
	fmt.Fprintf(g.pipe, "+ %d\n", p.pid) // a dead guardian is noticed by whoever waits for it
	go func() {
		<-p.done
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.closed {
			fmt.Fprintf(g.pipe, "- %d\n", p.pid)
		}
	}()
	return p, nil
}

func (g *Group) start(cmd *exec.Cmd, name, log string) (*Process, error) {
	result := make(chan error, 1)
	g.starts <- func() { result <- cmd.Start() }
	if err := <-result; err != nil {
		return nil, err
	}
	p := &Process{Name: name, Log: log, pid: cmd.Process.Pid, done: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		p.signal(syscall.SIGKILL) // what it left behind in its group
		p.err = err
		close(p.done)
	}()
	return p, nil
}

// Close stops what still runs, giving each grace to end by itself, and ends the guardian. It may be called twice.
func (g *Group) Close(grace time.Duration) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.closed = true
	children := g.children
	g.mu.Unlock()

	var wg sync.WaitGroup
	for _, p := range children {
		wg.Go(func() { p.Stop(grace) })
	}
	wg.Wait()
	g.pipe.Close()
	<-g.watch.done
	close(g.starts)
}

// A Process is a running or finished child.
type Process struct {
	Name string
	Log  string // the file with its output

	pid  int
	done chan struct{}
	err  error // valid once done is closed
}

// PID returns the process's id, which is its group's too.
func (p *Process) PID() int { return p.pid }

// Done is closed when the process has ended and nothing is left of its group.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop asks the process to end, ends it after grace, and returns when it has ended: true if it ended by itself.
func (p *Process) Stop(grace time.Duration) bool {
	select {
	case <-p.done:
		return true // never signal an id that may belong to somebody else by now
	default:
	}
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		p.signal(syscall.SIGKILL)
		<-p.done
		return false
	}
}

// signal reaches the whole group; an error means that nothing is left of it.
func (p *Process) signal(s syscall.Signal) { _ = syscall.Kill(-p.pid, s) }

// Err waits for the process to end and returns how it did: nil for exit status 0, else an error that ends with the last
// lines of its log.
func (p *Process) Err() error {
	<-p.done
	if p.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w%s", p.Name, p.err, tail(p.Log, 10))
}

// Ended waits for a process that was meant to go on and returns the error that its end is, whatever its exit status.
func (p *Process) Ended() error {
	<-p.done
	err := p.err
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("%s ended: %w%s", p.Name, err, tail(p.Log, 10))
}

// tail returns the last n lines of a file, indented, ready to be put behind an error.
func tail(file string, n int) string {
	const most = 16 << 10
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	b, err := io.ReadAll(f)
	text := strings.TrimSpace(string(b))
	if err != nil || text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-n):]
	return "\n    | " + strings.Join(lines, "\n    | ")
}
