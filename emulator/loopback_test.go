//go:build linux

package main

import (
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whoever is in the same network must not reach what runs here: the emulators know no passwords, and on Cloud Run it is Cloud Run
// that keeps strangers from the functions. The kernel's tables say on which address each process of the stack listens.
func TestTheStackListensOnTheLoopbackInterfaceOnly(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	processes := descendants(t, os.Getpid())
	if len(processes) < 13 { // nine functions, three emulators and this one
		t.Fatalf("%d processes, want the whole stack", len(processes))
	}
	sockets := map[string]string{} // inode → name of its process
	for _, pid := range processes {
		name, _ := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		links, _ := filepath.Glob(filepath.Join("/proc", pid, "fd", "*")) // a process that has ended has none
		for _, link := range links {
			if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, "socket:[") {
				sockets[strings.Trim(target, "socket:[]")] = strings.TrimSpace(string(name))
			}
		}
	}
	var found []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(raw), "\n")[1:] {
			fields := strings.Fields(line)
			if len(fields) < 10 || fields[3] != "0A" { // listening
				continue
			}
			if name, ours := sockets[fields[9]]; ours {
				address := parseAddress(t, fields[1])
				found = append(found, address.String())
				if !address.Addr().Unmap().IsLoopback() {
					t.Errorf("%s listens on %s, which other machines can reach", name, address)
				}
			}
		}
	}
	for _, url := range []string{system.Addresses.Web, system.Addresses.Notify, system.Addresses.Firestore, system.Addresses.PubSub, system.Addresses.Auth, system.Addresses.FCM, system.Addresses.Clock} {
		_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(found, func(address string) bool { return strings.HasSuffix(address, ":"+port) }) {
			t.Errorf("%s was not looked at", url)
		}
	}
}

// descendants returns the ids of a process and of all that it has started.
func descendants(t *testing.T, pid int) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := map[string][]string{}
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		text := string(raw) // PID (NAME) STATE PARENT …, and a name may hold anything
		parent := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])[1]
		children[parent] = append(children[parent], filepath.Base(filepath.Dir(file)))
	}
	all := []string{strconv.Itoa(pid)}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// parseAddress reads the kernel's notation: 32-bit words of the address in the machine's order, which is little-endian on every machine
// that the emulators run on, a colon, and the port; all in hexadecimal.
func parseAddress(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	addr, ok := netip.AddrFromSlice(b)
	n, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		t.Fatalf("no address: %q", text)
	}
	return netip.AddrPortFrom(addr, uint16(n))
}
