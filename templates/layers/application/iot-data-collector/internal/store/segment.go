// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

const (
	segmentMagic       = "SEGMENT1"
	segmentHeaderBytes = int64(len(segmentMagic) + 8)
	segmentSuffix      = ".segment"
	// A record takes at least its header, so a segment of any size we make has fewer records than this.
	maximumRecords = 1 << 28
)

// segment is one append-only file; its name is the first sequence that it may hold.
type segment struct {
	path  string
	first uint64
	// last is the highest sequence written; first-1 while the segment is empty.
	last uint64
	// size counts the bytes up to the end of the last whole record.
	size int64
	salt uint64
}

func createSegment(directory string, first uint64) (*segment, *os.File, error) {
	path := filepath.Join(directory, fmt.Sprintf("%020d%s", first, segmentSuffix))
	header := make([]byte, segmentHeaderBytes)
	copy(header, segmentMagic)
	if _, err := rand.Read(header[len(segmentMagic):]); err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, err
	}
	_, err = file.Write(header)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = syncDirectory(directory)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	created := &segment{path: path, first: first, last: first - 1, size: segmentHeaderBytes}
	created.salt = littleEndian.Uint64(header[len(segmentMagic):])
	return created, file, nil
}

// contents is what a segment's file was found to hold.
type contents struct {
	records []Record
	// ends has the offset after each record.
	ends []int64
	// damagedBytes were skipped between whole records.
	damagedBytes int64
	// tornBytes follow the last whole record.
	tornBytes int64
}

// read decodes the segment from the offset on. Where a record is damaged it goes on at the next whole record, so that
// damage costs no more than the records it hits. Records from the limit on belong to the next segment and are left out.
func (s *segment) read(offset int64, limit uint64) (contents, error) {
	data, err := os.ReadFile(s.path)
	if err != nil {
		return contents{}, err
	}
	return s.parse(data, offset, limit), nil
}

func (s *segment) parse(data []byte, offset int64, limit uint64) contents {
	var found contents
	previous := s.first - 1
	whole := offset
	for at := offset; at < int64(len(data)); {
		if !s.mayBegin(data[at:], previous) {
			at++
			continue
		}
		record, length, err := decodeRecord(data[at:], s.salt)
		if err != nil {
			at++
			continue
		}
		if record.Sequence >= limit {
			return found
		}
		found.damagedBytes += at - whole
		at += int64(length)
		whole = at
		previous = record.Sequence
		found.records = append(found.records, record)
		found.ends = append(found.ends, at)
	}
	found.tornBytes = max(0, int64(len(data))-whole)
	return found
}

// mayBegin is a cheap look at the sequence, so that a search through damage does not add up checksums at every byte.
func (s *segment) mayBegin(data []byte, previous uint64) bool {
	if len(data) < recordHeaderBytes {
		return false
	}
	sequence := littleEndian.Uint64(data[8:])
	return sequence > previous && sequence-s.first < maximumRecords
}

// openSegments lists the directory's segments by their first sequence. A file too short for its header was being
// created when the process died and never held a record: it is removed.
func openSegments(directory string) ([]*segment, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var segments []*segment
	for _, entry := range entries {
		name, isSegment := strings.CutSuffix(entry.Name(), segmentSuffix)
		if !isSegment {
			continue
		}
		first, err := strconv.ParseUint(name, 10, 64)
		if err != nil || first == 0 {
			return nil, fmt.Errorf("%s is not the name of a segment", entry.Name())
		}
		opened, err := openSegment(filepath.Join(directory, entry.Name()), first)
		if err != nil {
			return nil, err
		}
		if opened != nil {
			segments = append(segments, opened)
		}
	}
	sort.Slice(segments, func(a, b int) bool { return segments[a].first < segments[b].first })
	return segments, nil
}

func openSegment(path string, first uint64) (*segment, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	header := make([]byte, segmentHeaderBytes)
	read, _ := file.ReadAt(header, 0)
	if int64(read) < segmentHeaderBytes {
		return nil, os.Remove(path)
	}
	if string(header[:len(segmentMagic)]) != segmentMagic {
		return nil, fmt.Errorf("%s was not written by this program", path)
	}
	salt := littleEndian.Uint64(header[len(segmentMagic):])
	return &segment{path: path, first: first, last: first - 1, size: segmentHeaderBytes, salt: salt}, nil
}

// syncDirectory makes names that were created, renamed or removed in the directory survive a loss of power.
func syncDirectory(directory string) error {
	handle, err := os.Open(directory)
	if err != nil {
		return err
	}
	return errors.Join(handle.Sync(), handle.Close())
}
