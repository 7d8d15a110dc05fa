// SPDX-License-Identifier: Apache-2.0

// Package shelf keeps answers on disk, within a bound, and gives up those that were not asked for the longest.
//
// An answer is one file, written under another name and renamed, so a crash leaves the whole of it or nothing. Each file
// carries a checksum: what was damaged is not served but removed. What is on disk is there again after a restart.
// Safe for concurrent use by one process.
package shelf

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"edge-cache/internal/freshness"
)

// Answer is a response of the origin as it is kept.
type Answer struct {
	URL    string      `json:"url"`
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	// Selected has the request's values of the headers that the answer varies by.
	Selected map[string]string `json:"selected,omitempty"`
	Tags     []string          `json:"tags,omitempty"`
	freshness.Times
	Digest string `json:"digest"`
	Body   []byte `json:"-"`
}

// Purge says what to remove; an answer goes when any of it fits.
type Purge struct {
	All      bool     `json:"all"`
	URLs     []string `json:"urls"`
	Prefixes []string `json:"prefixes"`
	Tags     []string `json:"tags"`
}

// Stats are figures of this moment; counters begin at 0 with the process.
type Stats struct {
	Bytes, Entries, Evicted, Damaged, Purged int64
}

// maximumVariants bounds what one URL may take by varying.
const maximumVariants = 32

const answerSuffix = ".answer"

// Shelf is an open directory.
type Shelf struct {
	directory string
	maximum   int64

	mutex  sync.Mutex
	byName map[string]*list.Element
	byURL  map[string][]*book
	order  *list.List // of *book, the latest asked for in front
	purges uint64
	stats  Stats
}

// book is what is known of an answer without reading its body.
type book struct {
	name   string
	size   int64
	answer Answer
}

// Open reads what is in the directory, which is created when missing.
func Open(directory string, maximumBytes int64) (*Shelf, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	opened := &Shelf{
		directory: directory, maximum: maximumBytes,
		byName: map[string]*list.Element{}, byURL: map[string][]*book{}, order: list.New(),
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	sort.Slice(entries, func(a, b int) bool { return modified(entries[a]) < modified(entries[b]) })
	for _, entry := range entries {
		name, isAnswer := strings.CutSuffix(entry.Name(), answerSuffix)
		if !isAnswer {
			// Left half written by a crash.
			_ = os.Remove(filepath.Join(directory, entry.Name()))
			continue
		}
		answer, size, err := opened.load(name)
		if err != nil {
			opened.stats.Damaged++
			_ = os.Remove(opened.path(name))
			continue
		}
		answer.Body = nil
		opened.place(&book{name: name, size: size, answer: answer})
	}
	opened.evict()
	return opened, nil
}

func modified(entry os.DirEntry) int64 {
	info, err := entry.Info()
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}

func (s *Shelf) path(name string) string { return filepath.Join(s.directory, name+answerSuffix) }

var errDamaged = errors.New("the kept answer is damaged")

// load reads a file: the answer without its body as one line of JSON, then the body.
func (s *Shelf) load(name string) (Answer, int64, error) {
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return Answer{}, 0, err
	}
	head, body, isWhole := bytes.Cut(data, []byte("\n"))
	var answer Answer
	if !isWhole || json.Unmarshal(head, &answer) != nil {
		return Answer{}, 0, errDamaged
	}
	answer.Body = body
	if answer.Digest != digestOf(answer) || nameOf(answer) != name {
		return Answer{}, 0, errDamaged
	}
	return answer, int64(len(data)), nil
}

// digestOf covers the whole answer, so that no header of it can change unnoticed either.
func digestOf(answer Answer) string {
	answer.Digest = ""
	head, _ := json.Marshal(answer)
	sum := sha256.New()
	sum.Write(head)
	sum.Write(answer.Body)
	return hex.EncodeToString(sum.Sum(nil))
}

func nameOf(answer Answer) string {
	var selected []byte
	if len(answer.Selected) > 0 {
		selected, _ = json.Marshal(answer.Selected)
	}
	sum := sha256.Sum256(append([]byte(answer.URL+"\n"), selected...))
	return hex.EncodeToString(sum[:])
}

// Find is the latest answer kept for the URL and the request's headers.
func (s *Shelf) Find(url string, request http.Header) (Answer, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found *book
	for _, variant := range s.byURL[url] {
		if fits(variant.answer, request) && (found == nil || variant.answer.Made.After(found.answer.Made)) {
			found = variant
		}
	}
	if found == nil {
		return Answer{}, false
	}
	answer, _, err := s.load(found.name)
	if err != nil {
		s.stats.Damaged++
		s.remove(found)
		return Answer{}, false
	}
	s.order.MoveToFront(s.byName[found.name])
	return answer, true
}

func fits(answer Answer, request http.Header) bool {
	for name, value := range answer.Selected {
		if strings.Join(request.Values(name), ",") != value {
			return false
		}
	}
	return true
}

// Purges counts purges; an answer that was fetched before one must not be kept after it.
func (s *Shelf) Purges() uint64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.purges
}

// Keep puts the answer on the shelf, unless there was a purge since the given count of them. What does not fit is left out.
func (s *Shelf) Keep(answer Answer, purges uint64) error {
	answer.Digest = digestOf(answer)
	head, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	data := append(append(head, '\n'), answer.Body...)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if purges != s.purges || int64(len(data)) > s.maximum/4 {
		return nil
	}
	name := nameOf(answer)
	temporary := s.path(name) + ".new"
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, s.path(name)); err != nil {
		return err
	}
	answer.Body = nil
	s.place(&book{name: name, size: int64(len(data)), answer: answer})
	s.evict()
	return nil
}

func (s *Shelf) place(placed *book) {
	if former, isKnown := s.byName[placed.name]; isKnown {
		s.forget(former.Value.(*book))
	}
	variants := s.byURL[placed.answer.URL]
	if len(variants) >= maximumVariants {
		s.remove(variants[0])
		s.stats.Evicted++
	}
	s.byURL[placed.answer.URL] = append(s.byURL[placed.answer.URL], placed)
	s.byName[placed.name] = s.order.PushFront(placed)
	s.stats.Bytes += placed.size
	s.stats.Entries++
}

func (s *Shelf) evict() {
	for s.stats.Bytes > s.maximum && s.order.Len() > 0 {
		s.remove(s.order.Back().Value.(*book))
		s.stats.Evicted++
	}
}

func (s *Shelf) remove(gone *book) {
	_ = os.Remove(s.path(gone.name))
	s.forget(gone)
}

func (s *Shelf) forget(gone *book) {
	s.order.Remove(s.byName[gone.name])
	delete(s.byName, gone.name)
	left := slices.DeleteFunc(slices.Clone(s.byURL[gone.answer.URL]), func(one *book) bool { return one == gone })
	if len(left) == 0 {
		delete(s.byURL, gone.answer.URL)
	} else {
		s.byURL[gone.answer.URL] = left
	}
	s.stats.Bytes -= gone.size
	s.stats.Entries--
}

// Remove purges and says how many answers went.
func (s *Shelf) Remove(purge Purge) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.purges++
	var gone []*book
	for element := s.order.Front(); element != nil; element = element.Next() {
		if one := element.Value.(*book); isMeant(one.answer, purge) {
			gone = append(gone, one)
		}
	}
	for _, one := range gone {
		s.remove(one)
	}
	s.stats.Purged += int64(len(gone))
	return len(gone)
}

func isMeant(answer Answer, purge Purge) bool {
	return purge.All || slices.Contains(purge.URLs, answer.URL) ||
		slices.ContainsFunc(purge.Prefixes, func(prefix string) bool { return strings.HasPrefix(answer.URL, prefix) }) ||
		slices.ContainsFunc(purge.Tags, func(tag string) bool { return slices.Contains(answer.Tags, tag) })
}

// Stats are the shelf's figures.
func (s *Shelf) Stats() Stats {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.stats
}
