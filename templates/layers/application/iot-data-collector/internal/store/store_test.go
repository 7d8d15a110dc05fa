// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func options() Options {
	return Options{MaximumBytes: 1 << 20, SegmentBytes: 4 << 10, WhenFull: Refuse, RememberedMessages: 100}
}

// hasty does not wait for the disk in each Append, for tests with very many of them.
func hasty() Options {
	with := options()
	with.SyncInterval = time.Hour
	return with
}

func open(t *testing.T, directory string, with Options) *Store {
	t.Helper()
	opened, err := Open(directory, with)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.lock.Close() })
	return opened
}

func closed(t *testing.T, opened *Store) {
	t.Helper()
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
}

func reading(number int) Message {
	return Message{
		Topic:    "devices/boiler/temperature",
		ID:       fmt.Sprintf("reading-%d", number),
		Payload:  []byte(fmt.Sprintf(`{"number":%d}`, number)),
		Received: noon.Add(time.Duration(number) * time.Second),
	}
}

func readings(from, to int) []Message {
	var messages []Message
	for number := from; number <= to; number++ {
		messages = append(messages, reading(number))
	}
	return messages
}

func add(t *testing.T, into *Store, messages ...Message) {
	t.Helper()
	if _, err := into.Append(messages); err != nil {
		t.Fatal(err)
	}
}

// takeAll reads and acknowledges everything that waits.
func takeAll(t *testing.T, from *Store) []Message {
	t.Helper()
	var messages []Message
	for {
		batch, err := from.Next(Limit{Records: 7, Bytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Records) == 0 {
			return messages
		}
		for _, record := range batch.Records {
			messages = append(messages, record.Message)
		}
		if err := from.Acknowledge(batch); err != nil {
			t.Fatal(err)
		}
	}
}

func expectMessages(t *testing.T, got, want []Message) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d messages, want %d", len(got), len(want))
	}
	for index := range want {
		if got[index].Topic != want[index].Topic || got[index].ID != want[index].ID ||
			!bytes.Equal(got[index].Payload, want[index].Payload) || !got[index].Received.Equal(want[index].Received) ||
			got[index].Redelivered != want[index].Redelivered {
			t.Fatalf("message %d is %+v, want %+v", index, got[index], want[index])
		}
	}
}

func copyDirectory(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// segmentWithRecords is the path of the only segment that holds records.
func segmentWithRecords(t *testing.T, directory string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(directory, "*"+segmentSuffix))
	if err != nil || len(paths) == 0 {
		t.Fatal("no segment", err)
	}
	return paths[0]
}

func TestReturnsExactlyWhatWasStored(t *testing.T) {
	everyByte := make([]byte, 256)
	for value := range everyByte {
		everyByte[value] = byte(value)
	}
	messages := []Message{
		{Topic: "a", Payload: []byte{}, Received: noon},
		{Topic: "b/ü/温度", ID: "id with \n line", Payload: everyByte, Received: noon, Redelivered: true},
		{Topic: strings.Repeat("deep/", 200), Payload: []byte("{\"a\":1}\n{\"b\":2}\n"), Received: noon},
		{Topic: "a", Payload: bytes.Repeat([]byte{0}, 3000), Received: noon},
	}
	directory := t.TempDir()
	first := open(t, directory, options())
	add(t, first, messages...)
	closed(t, first)
	second := open(t, directory, options())
	if pending := second.Stats().Pending; pending != 4 {
		t.Fatalf("%d wait, want 4", pending)
	}
	expectMessages(t, takeAll(t, second), messages)
	closed(t, second)
}

func TestSurvivesATornWrite(t *testing.T) {
	directory := t.TempDir()
	first := open(t, directory, options())
	var ends []int64
	for number := 1; number <= 4; number++ {
		add(t, first, reading(number))
		ends = append(ends, first.current().size)
	}
	closed(t, first)
	whole, err := os.ReadFile(segmentWithRecords(t, directory))
	if err != nil {
		t.Fatal(err)
	}
	for length := 0; length <= len(whole); length += stride(int64(length), ends) {
		survivors := 0
		for _, end := range ends {
			if int64(length) >= end {
				survivors++
			}
		}
		torn := copyDirectory(t, directory)
		if err := os.Truncate(segmentWithRecords(t, torn), int64(length)); err != nil {
			t.Fatal(err)
		}
		again := open(t, torn, hasty())
		// The sender delivers again what was not acknowledged, and everything else as well.
		add(t, again, readings(1, 5)...)
		expectMessages(t, takeAll(t, again), readings(1, 5))
		if duplicates := again.Stats().Duplicates; duplicates != uint64(survivors) {
			t.Fatalf("cut at byte %d: %d records survived, want %d", length, duplicates, survivors)
		}
		closed(t, again)
	}
}

// stride goes byte by byte around the ends of the header and of records, and faster through their middles.
func stride(at int64, ends []int64) int {
	for _, end := range append([]int64{segmentHeaderBytes}, ends...) {
		if at >= end-3 && at <= end+3 {
			return 1
		}
	}
	return 3
}

func TestDamageCostsOnlyTheRecordsItHits(t *testing.T) {
	directory := t.TempDir()
	first := open(t, directory, options())
	var ends []int64
	for number := 1; number <= 5; number++ {
		add(t, first, reading(number))
		ends = append(ends, first.current().size)
	}
	closed(t, first)
	// One bit of every other byte of the third record in turn.
	for at := ends[1]; at < ends[2]; at += 2 {
		damaged := copyDirectory(t, directory)
		path := segmentWithRecords(t, damaged)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		again := open(t, damaged, hasty())
		expectMessages(t, takeAll(t, again), append(readings(1, 2), readings(4, 5)...))
		if counted := again.Stats().DamagedBytes; counted != ends[2]-ends[1] {
			t.Fatalf("byte %d: %d damaged bytes counted, want %d", at, counted, ends[2]-ends[1])
		}
		closed(t, again)
	}
}

func TestAPayloadCannotForgeARecord(t *testing.T) {
	directory := t.TempDir()
	first := open(t, directory, options())
	forged := appendRecord(nil, 0, Record{Sequence: 2, Message: Message{Topic: "forged", Received: noon}})
	add(t, first, Message{Topic: "a", Payload: forged, Received: noon}, reading(1))
	closed(t, first)
	path := segmentWithRecords(t, directory)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[segmentHeaderBytes+4] ^= 0xff
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, directory, options())
	expectMessages(t, takeAll(t, again), []Message{reading(1)})
}

func TestKeepsANamedMessageOnce(t *testing.T) {
	directory := t.TempDir()
	first := open(t, directory, options())
	add(t, first, reading(1), reading(1), reading(2))
	expectMessages(t, takeAll(t, first), readings(1, 2))
	closed(t, first)
	// Acknowledged by the cloud, yet the broker does not know and delivers again after the restart.
	second := open(t, directory, options())
	again := reading(2)
	again.Redelivered = true
	add(t, second, again, reading(3))
	other := reading(2)
	other.Topic = "devices/pump/temperature"
	unnamed := Message{Topic: "a", Payload: []byte("1"), Received: noon}
	add(t, second, other, unnamed, unnamed)
	expectMessages(t, takeAll(t, second), []Message{reading(3), other, unnamed, unnamed})
	closed(t, second)
}

func TestABatchStaysTheSameUntilItIsSettled(t *testing.T) {
	directory := t.TempDir()
	limit := Limit{Records: 10, Bytes: 1 << 20}
	first := open(t, directory, options())
	add(t, first, readings(1, 4)...)
	begun, err := first.Next(limit)
	if err != nil {
		t.Fatal(err)
	}
	add(t, first, readings(5, 8)...)
	closed(t, first)

	second := open(t, directory, options())
	again, err := second.Next(Limit{Records: 1, Bytes: 1})
	if err != nil || again.Key != begun.Key || len(again.Records) != 4 {
		t.Fatalf("the batch became %s with %d records, was %s: %v", again.Key, len(again.Records), begun.Key, err)
	}
	if err := second.Split(again); err != nil {
		t.Fatal(err)
	}
	half, err := second.Next(limit)
	if err != nil || len(half.Records) != 2 || half.Key == begun.Key {
		t.Fatalf("half of it is %s with %d records: %v", half.Key, len(half.Records), err)
	}
	if err := second.Acknowledge(again); err == nil {
		t.Fatal("a batch that is not in flight was acknowledged")
	}
	if err := second.Acknowledge(half); err != nil {
		t.Fatal(err)
	}
	expectMessages(t, takeAll(t, second), readings(3, 8))
	if oldest := second.Stats().Oldest; !oldest.IsZero() {
		t.Fatalf("nothing waits, yet the oldest is of %s", oldest)
	}
}

func TestABatchIsBoundedInBytes(t *testing.T) {
	opened := open(t, t.TempDir(), options())
	for number := range 5 {
		message := reading(number)
		message.Payload = bytes.Repeat([]byte("x"), 1000)
		add(t, opened, message)
	}
	batch, err := opened.Next(Limit{Records: 100, Bytes: 2500})
	if err != nil || len(batch.Records) != 2 {
		t.Fatalf("%d records: %v", len(batch.Records), err)
	}
	if err := opened.Acknowledge(batch); err != nil {
		t.Fatal(err)
	}
	single, err := opened.Next(Limit{Records: 100, Bytes: 1})
	if err != nil || len(single.Records) != 1 {
		t.Fatalf("%d records: %v", len(single.Records), err)
	}
	if !errors.Is(opened.Split(single), ErrSingle) {
		t.Fatal("a single record was split")
	}
}

// fill stores messages of a kilobyte until the store refuses one or the number is reached.
func fill(t *testing.T, into *Store, number int) ([]Message, error) {
	t.Helper()
	var messages []Message
	for len(messages) < number {
		message := reading(len(messages))
		message.Payload = bytes.Repeat([]byte("x"), 1000)
		if _, err := into.Append([]Message{message}); err != nil {
			return messages, err
		}
		messages = append(messages, message)
		if size := directoryBytes(t, into.directory); size > into.options.MaximumBytes {
			t.Fatalf("%d bytes on disk, allowed are %d", size, into.options.MaximumBytes)
		}
	}
	return messages, nil
}

func directoryBytes(t *testing.T, directory string) int64 {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(directory, "*"+segmentSuffix))
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}

func TestRefusesWhenFullAndGoesOnWhenRoomIsMade(t *testing.T) {
	small := hasty()
	small.MaximumBytes = 64 << 10
	opened := open(t, t.TempDir(), small)
	kept, err := fill(t, opened, 1000)
	if !errors.Is(err, ErrFull) {
		t.Fatalf("want a full store, got %v", err)
	}
	if len(kept) < 40 {
		t.Fatalf("full with %d messages of a kilobyte in 64", len(kept))
	}
	expectMessages(t, takeAll(t, opened), kept)
	select {
	case <-opened.Freed():
	default:
		t.Fatal("nobody is told that there is room")
	}
	// All of it is remembered for its names, yet the room is given to new messages.
	if kept, err = fill(t, opened, 30); err != nil || len(kept) != 30 {
		t.Fatalf("%d messages after room was made: %v", len(kept), err)
	}
	huge := Message{Topic: "a", Payload: make([]byte, 40<<10), Received: noon}
	if _, err := opened.Append([]Message{huge}); !errors.Is(err, ErrFull) {
		t.Fatalf("a message of more than half of the store: %v", err)
	}
}

func TestDropsTheOldestWhenToldSo(t *testing.T) {
	small := hasty()
	small.MaximumBytes = 64 << 10
	small.WhenFull = DropOldest
	directory := t.TempDir()
	opened := open(t, directory, small)
	kept, err := fill(t, opened, 10)
	if err != nil {
		t.Fatal(err)
	}
	begun, err := opened.Next(Limit{Records: 3, Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	more, err := fillFrom(t, opened, 10, 200)
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, more...)
	again, err := opened.Next(Limit{Records: 1, Bytes: 1})
	if err != nil || again.Key != begun.Key || len(again.Records) != 3 {
		t.Fatalf("the batch in flight was touched: %s, %d records, %v", again.Key, len(again.Records), err)
	}
	dropped := int(opened.Stats().Dropped)
	closed(t, opened)
	opened = open(t, directory, small)
	left := takeAll(t, opened)
	if dropped == 0 || len(left)+dropped != len(kept) {
		t.Fatalf("%d dropped and %d left of %d", dropped, len(left), len(kept))
	}
	expectMessages(t, left[:3], kept[:3])
	expectMessages(t, left[len(left)-40:], kept[len(kept)-40:])
}

func fillFrom(t *testing.T, into *Store, from, to int) ([]Message, error) {
	t.Helper()
	var messages []Message
	for number := from; number < to; number++ {
		message := reading(number)
		message.Payload = bytes.Repeat([]byte("x"), 1000)
		if _, err := into.Append([]Message{message}); err != nil {
			return messages, err
		}
		messages = append(messages, message)
	}
	return messages, nil
}

// TestADiskWithoutRoom lets the system itself refuse the write in the middle of a record.
func TestADiskWithoutRoom(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	opened := open(t, directory, options())
	add(t, opened, readings(1, 3)...)
	limit := syscall.Rlimit{Cur: uint64(opened.current().size) + 20, Max: before.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	_, err := opened.Append(readings(4, 6))
	_, again := opened.Append([]Message{{Topic: "a", Payload: make([]byte, 2000), Received: noon}})
	if restore := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); restore != nil {
		t.Fatal(restore)
	}
	if !errors.Is(err, syscall.EFBIG) || !errors.Is(again, syscall.EFBIG) {
		t.Fatalf("want the system's refusal, got %v and %v", err, again)
	}
	add(t, opened, readings(4, 5)...)
	closed(t, opened)
	opened = open(t, directory, options())
	add(t, opened, reading(6))
	expectMessages(t, takeAll(t, opened), readings(1, 6))
	if damaged := opened.Stats().DamagedBytes; damaged != 0 {
		t.Fatalf("%d bytes count as damaged", damaged)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	directory := t.TempDir()
	opened := open(t, directory, options())
	if _, err := Open(directory, options()); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Fatalf("a second one got in: %v", err)
	}
	closed(t, opened)
	closed(t, open(t, directory, options()))
}

func TestRefusesWhatItDidNotWrite(t *testing.T) {
	cases := map[string]struct{ file, content, says string }{
		"a cursor that is not one": {cursorFile, "{", "cannot be read"},
		"a foreign file":           {"00000000000000000001.segment", strings.Repeat("x", 100), "not written by this program"},
		"a foreign name":           {"one.segment", "", "not the name of a segment"},
	}
	for name, example := range cases {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			if err := os.WriteFile(filepath.Join(directory, example.file), []byte(example.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(directory, options()); err == nil || !strings.Contains(err.Error(), example.says) {
				t.Fatalf("got %v", err)
			}
		})
	}
	if _, err := Open(t.TempDir(), Options{MaximumBytes: 100, SegmentBytes: 100}); err == nil {
		t.Fatal("a segment as large as the store was allowed")
	}
}

func TestSyncsByInterval(t *testing.T) {
	with := options()
	with.SyncInterval = time.Millisecond
	opened := open(t, t.TempDir(), with)
	add(t, opened, reading(1))
	deadline := time.Now().Add(20 * time.Second)
	for isUnsynced(opened) {
		if time.Now().After(deadline) {
			t.Fatal("never synced")
		}
		time.Sleep(time.Millisecond)
	}
	closed(t, opened)
}

func isUnsynced(opened *Store) bool {
	opened.mutex.Lock()
	defer opened.mutex.Unlock()
	return opened.unsynced
}

// TestAnyHistory compares the store with a list in memory over random histories with restarts.
func TestAnyHistory(t *testing.T) {
	for seed := range uint64(12) {
		chance := rand.New(rand.NewPCG(seed, 1))
		directory := t.TempDir()
		with := hasty()
		with.SegmentBytes = int64(200 + chance.IntN(2000))
		opened := open(t, directory, with)
		var waiting []Message
		number := 0
		for range 120 {
			switch chance.IntN(6) {
			case 0, 1, 2:
				messages := readings(number+1, number+1+chance.IntN(5))
				number += len(messages)
				waiting = append(waiting, messages...)
				add(t, opened, messages...)
			case 3:
				if number > 0 {
					add(t, opened, reading(max(1, number-chance.IntN(20))))
				}
			case 4:
				closed(t, opened)
				opened = open(t, directory, with)
			default:
				waiting = settle(t, opened, chance, waiting)
			}
		}
		expectMessages(t, takeAll(t, opened), waiting)
		closed(t, opened)
	}
}

// settle takes a batch, perhaps halves it, and acknowledges it or leaves it in flight.
func settle(t *testing.T, from *Store, chance *rand.Rand, waiting []Message) []Message {
	t.Helper()
	limit := Limit{Records: 1 + chance.IntN(20), Bytes: int64(1 + chance.IntN(2000))}
	batch, err := from.Next(limit)
	if err != nil {
		t.Fatal(err)
	}
	if chance.IntN(3) == 0 && from.Split(batch) == nil {
		if batch, err = from.Next(limit); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]Message, 0, len(batch.Records))
	for _, record := range batch.Records {
		got = append(got, record.Message)
	}
	expectMessages(t, got, waiting[:len(got)])
	if len(got) == 0 || chance.IntN(3) == 0 {
		return waiting
	}
	if err := from.Acknowledge(batch); err != nil {
		t.Fatal(err)
	}
	return waiting[len(got):]
}
