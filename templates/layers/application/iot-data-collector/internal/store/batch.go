// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Limit bounds a batch; one record always fits.
type Limit struct {
	Records int
	Bytes   int64
}

// Batch is what is sent to the cloud at once.
type Batch struct {
	// Key is the same whenever the same records are sent again, and never the same for others.
	Key     string
	Store   string
	Records []Record
	through uint64
}

// ErrSingle says that a batch of one record cannot be split.
var ErrSingle = errors.New("a batch of one record cannot be split")

// Next is the batch to send: the one in flight, or a new one, which is then in flight. Empty when nothing waits.
func (s *Store) Next(limit Limit) (Batch, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.cursor.Acknowledged+1 < s.next {
		through := s.cursor.InFlightThrough
		if through == 0 {
			through = min(s.next-1, s.cursor.Acknowledged+uint64(limit.Records))
		} else {
			limit.Bytes = math.MaxInt64
		}
		records, last, err := s.readThrough(through, limit.Bytes)
		if err != nil {
			return Batch{}, err
		}
		if len(records) == 0 {
			// Damage or a dropped segment took all of them; there is nothing to wait for.
			if err := s.moveCursor(cursor{Store: s.cursor.Store, Acknowledged: through}); err != nil {
				return Batch{}, err
			}
			continue
		}
		if s.cursor.InFlightThrough == 0 {
			next := s.cursor
			next.InFlightThrough = last
			if err := s.moveCursor(next); err != nil {
				return Batch{}, err
			}
		}
		return s.batchOf(records, last), nil
	}
	return Batch{}, nil
}

func (s *Store) batchOf(records []Record, through uint64) Batch {
	key := fmt.Sprintf("%s-%d-%d", s.cursor.Store, s.cursor.Acknowledged+1, through)
	return Batch{Key: key, Store: s.cursor.Store, Records: records, through: through}
}

// readThrough reads the records after the acknowledged one up to the given sequence or size, and says where it ended.
func (s *Store) readThrough(through uint64, maximumBytes int64) ([]Record, uint64, error) {
	var records []Record
	var bytes int64
	for index, segment := range s.segments {
		if segment.last <= s.cursor.Acknowledged || segment.first > through || segment.last < segment.first {
			continue
		}
		offset := segmentHeaderBytes
		if s.place.segment == segment.first && s.place.sequence == s.cursor.Acknowledged+1 {
			offset = s.place.offset
		}
		found, err := segment.read(offset, min(s.limitOf(index), segment.last+1))
		if err != nil {
			return nil, 0, err
		}
		for position, record := range found.records {
			if record.Sequence <= s.cursor.Acknowledged {
				continue
			}
			size := encodedBytes(record.Message)
			if record.Sequence > through {
				return records, through, nil
			}
			if len(records) > 0 && bytes+size > maximumBytes {
				return records, records[len(records)-1].Sequence, nil
			}
			bytes += size
			records = append(records, record)
			s.place = place{segment: segment.first, sequence: record.Sequence + 1, offset: found.ends[position]}
		}
	}
	return records, through, nil
}

// Acknowledge says that the cloud has the batch; its records are not sent again.
func (s *Store) Acknowledge(batch Batch) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.cursor.InFlightThrough != batch.through {
		return fmt.Errorf("batch %s is not in flight", batch.Key)
	}
	if err := s.moveCursor(cursor{Store: s.cursor.Store, Acknowledged: batch.through}); err != nil {
		return err
	}
	s.reclaim(0)
	s.signal(s.freed)
	return s.refreshOldest()
}

// Split puts the first half of a batch that the cloud has not accepted in flight instead of the whole.
func (s *Store) Split(batch Batch) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(batch.Records) < 2 {
		return ErrSingle
	}
	next := s.cursor
	next.InFlightThrough = batch.Records[len(batch.Records)/2-1].Sequence
	return s.moveCursor(next)
}

func (s *Store) moveCursor(next cursor) error {
	if err := writeCursor(s.directory, next); err != nil {
		return err
	}
	s.cursor = next
	return nil
}

// refreshOldest finds the time of the oldest record that still waits.
func (s *Store) refreshOldest() error {
	s.oldest = time.Time{}
	if s.cursor.Acknowledged+1 >= s.next {
		return nil
	}
	kept := s.place
	records, _, err := s.readThrough(s.cursor.Acknowledged+1, math.MaxInt64)
	s.place = kept
	if err == nil && len(records) > 0 {
		s.oldest = records[0].Received
	}
	return err
}
