// SPDX-License-Identifier: Apache-2.0

// Package store keeps messages on disk until the cloud has accepted them.
//
// Guarantees:
//   - A message for which Append returned without an error survives kill -9, and with Options.SyncInterval 0 a loss of
//     power too. With a longer interval a loss of power may cost the messages of that interval.
//   - A message with an ID is kept once, however often it is appended, as long as no more than Options.RememberedMessages
//     others came in between; this holds across restarts.
//   - Records leave in the order they came. A batch that was begun has the same records and the same key until it is
//     acknowledged, refused or split, also across restarts.
//   - The directory never takes more than Options.MaximumBytes of segments. What happens then is Options.WhenFull.
//   - Damage on disk costs the records it hits and no others; it is counted in Stats.
//
// Safe for concurrent use. One process at a time may open a directory.
package store

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// WhenFull says what gives way when the store is full.
type WhenFull string

const (
	// Refuse keeps what is stored and accepts nothing more, so that the broker holds messages back.
	Refuse WhenFull = "refuse"
	// DropOldest gives up the oldest records that are not being sent, and counts them.
	DropOldest WhenFull = "drop-oldest"
)

// ErrFull says that there is no room and that the policy is to refuse.
var ErrFull = errors.New("the store is full")

// Options of a store; every field is required except SyncInterval.
type Options struct {
	MaximumBytes int64
	// SegmentBytes is when a new file is begun; at most an eighth of MaximumBytes.
	SegmentBytes int64
	WhenFull     WhenFull
	// SyncInterval is how long written messages may wait for the disk; 0 waits for the disk in each Append.
	SyncInterval time.Duration
	// RememberedMessages is how many message IDs are known.
	RememberedMessages int
}

// Stats are the store's figures; counters begin at 0 when the process does.
type Stats struct {
	Bytes          int64
	Pending        uint64
	Oldest         time.Time
	Stored         uint64
	Duplicates     uint64
	Dropped        uint64
	DamagedBytes   int64
	RecoveredBytes int64
}

// Store is an open directory.
type Store struct {
	directory string
	options   Options
	lock      *os.File
	arrived   chan struct{}
	freed     chan struct{}
	stopSync  chan struct{}
	synced    sync.WaitGroup

	mutex    sync.Mutex
	segments []*segment
	active   *os.File
	unsynced bool
	cursor   cursor
	seen     *seen
	next     uint64
	place    place
	oldest   time.Time
	stats    Stats
}

// place remembers where in a segment the record after the last read one begins.
type place struct {
	segment  uint64
	sequence uint64
	offset   int64
}

// Open recovers the directory, creating it when missing.
func Open(directory string, options Options) (*Store, error) {
	if options.SegmentBytes <= segmentHeaderBytes || options.SegmentBytes > options.MaximumBytes/8 {
		return nil, fmt.Errorf("segments of %d bytes do not fit a store of %d bytes", options.SegmentBytes, options.MaximumBytes)
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDirectory(directory)
	if err != nil {
		return nil, err
	}
	opened := &Store{
		directory: directory,
		options:   options,
		lock:      lock,
		arrived:   make(chan struct{}, 1),
		freed:     make(chan struct{}, 1),
		stopSync:  make(chan struct{}),
		seen:      newSeen(options.RememberedMessages),
	}
	if err := opened.recover(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if options.SyncInterval > 0 {
		opened.synced.Go(opened.syncRegularly)
	}
	return opened, nil
}

func lockDirectory(directory string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(directory, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another process uses %s: %w", directory, err), lock.Close())
	}
	return lock, nil
}

// recover reads every segment, cuts off what a crash left half written and takes up where the last process stopped.
func (s *Store) recover() error {
	var err error
	if s.cursor, err = readCursor(s.directory); err != nil {
		return err
	}
	if s.segments, err = openSegments(s.directory); err != nil {
		return err
	}
	s.next = s.cursor.Acknowledged + 1
	for index, segment := range s.segments {
		isLast := index == len(s.segments)-1
		if err := s.recoverSegment(segment, isLast, s.limitOf(index)); err != nil {
			return err
		}
		s.next = max(s.next, segment.first, segment.last+1)
	}
	// Always a new segment: what follows never depends on how the former process left its last file.
	if err := s.rotate(); err != nil {
		return err
	}
	s.reclaim(0)
	s.signal(s.arrived)
	return s.refreshOldest()
}

func (s *Store) recoverSegment(segment *segment, isLast bool, limit uint64) error {
	found, err := segment.read(segmentHeaderBytes, limit)
	if err != nil {
		return err
	}
	s.stats.DamagedBytes += found.damagedBytes
	for index, record := range found.records {
		s.seen.add(record.Message)
		segment.last, segment.size = record.Sequence, found.ends[index]
	}
	if !isLast {
		segment.size += found.tornBytes
		s.stats.DamagedBytes += found.tornBytes
		return nil
	}
	if found.tornBytes > 0 {
		s.stats.RecoveredBytes += found.tornBytes
		return os.Truncate(segment.path, segment.size)
	}
	return nil
}

// limitOf is the first sequence that does not belong to the segment.
func (s *Store) limitOf(index int) uint64 {
	if index+1 < len(s.segments) {
		return s.segments[index+1].first
	}
	return math.MaxUint64
}

// Append stores the messages, all or none, and says how many of them were new. Nothing of them is kept on an error.
func (s *Store) Append(messages []Message) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	fresh := s.withoutKnown(messages)
	if len(fresh) == 0 {
		return 0, nil
	}
	var room int64
	for _, message := range fresh {
		room += encodedBytes(message)
	}
	if err := s.makeRoom(room); err != nil {
		return 0, err
	}
	if err := s.write(fresh); err != nil {
		return 0, err
	}
	for _, message := range fresh {
		s.seen.add(message)
	}
	if s.oldest.IsZero() {
		s.oldest = fresh[0].Received
	}
	s.stats.Stored += uint64(len(fresh))
	s.signal(s.arrived)
	return len(fresh), nil
}

func (s *Store) withoutKnown(messages []Message) []Message {
	fresh := make([]Message, 0, len(messages))
	together := newSeen(len(messages))
	for _, message := range messages {
		if s.seen.has(message) || together.has(message) {
			s.stats.Duplicates++
			continue
		}
		together.add(message)
		fresh = append(fresh, message)
	}
	return fresh
}

func (s *Store) write(messages []Message) error {
	if s.active == nil || s.current().size >= s.options.SegmentBytes {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	current := s.current()
	var buffer []byte
	for index, message := range messages {
		record := Record{Sequence: s.next + uint64(index), Message: message}
		buffer = appendRecord(buffer, current.salt, record)
	}
	_, err := s.active.WriteAt(buffer, current.size)
	if err == nil && s.options.SyncInterval == 0 {
		err = s.active.Sync()
	}
	if err != nil {
		return s.abandon(err)
	}
	s.unsynced = s.options.SyncInterval > 0
	current.size += int64(len(buffer))
	s.next += uint64(len(messages))
	current.last = s.next - 1
	return nil
}

// abandon takes back a write that failed. After a failed sync the kernel may have dropped pages of the file, so nothing
// more is written to it; what could not be cut off has sequences that the next segment takes over.
func (s *Store) abandon(cause error) error {
	err := errors.Join(cause, s.active.Truncate(s.current().size), s.active.Close())
	s.active = nil
	return err
}

func (s *Store) current() *segment { return s.segments[len(s.segments)-1] }

// rotate begins a new segment.
func (s *Store) rotate() error {
	if s.active != nil {
		err := errors.Join(s.active.Sync(), s.active.Close())
		s.active = nil
		if err != nil {
			return err
		}
	}
	// An empty segment of the same name, left by a failed write or a former start, is replaced.
	if len(s.segments) > 0 && s.current().first == s.next {
		s.segments = s.segments[:len(s.segments)-1]
	}
	created, file, err := createSegment(s.directory, s.next)
	if err != nil {
		return err
	}
	s.segments = append(s.segments, created)
	s.active = file
	s.unsynced = false
	return nil
}

// Sync waits until everything stored so far is on the disk.
func (s *Store) Sync() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.unsynced || s.active == nil {
		return nil
	}
	s.unsynced = false
	return s.active.Sync()
}

func (s *Store) syncRegularly() {
	ticker := time.NewTicker(s.options.SyncInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.stopSync:
			return
		case <-ticker.C:
			// A disk that fails here fails the next Append as well, which reports it.
			_ = s.Sync()
		}
	}
}

// Close syncs and lets go of the directory.
func (s *Store) Close() error {
	close(s.stopSync)
	s.synced.Wait()
	err := s.Sync()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.active != nil {
		err = errors.Join(err, s.active.Close())
		s.active = nil
	}
	return errors.Join(err, s.lock.Close())
}

// Arrived receives after messages were stored.
func (s *Store) Arrived() <-chan struct{} { return s.arrived }

// Freed receives after room was made.
func (s *Store) Freed() <-chan struct{} { return s.freed }

func (s *Store) signal(channel chan struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

// Stats are the figures of this moment.
func (s *Store) Stats() Stats {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.stats
	now.Bytes = s.bytes()
	now.Pending = s.next - 1 - s.cursor.Acknowledged
	now.Oldest = s.oldest
	return now
}
