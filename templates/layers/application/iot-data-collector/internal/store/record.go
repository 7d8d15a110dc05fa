// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// Message is what a device sent, byte for byte.
type Message struct {
	Topic string
	// ID is the sender's own name for the message, unique within its topic; empty where the sender gives none.
	ID      string
	Payload []byte
	// Received is when the collector first saw the message.
	Received time.Time
	// Redelivered says that the broker had sent the message before and does not know whether it arrived.
	Redelivered bool
}

// Record is a message with its place in the store. Sequences start at 1 and are never used twice.
type Record struct {
	Sequence uint64
	Message
}

// A record on disk: length of the body, checksum of salt, sequence and body, sequence, body.
const (
	recordHeaderBytes = 16
	maximumBodyBytes  = 16 << 20
	flagRedelivered   = 1
)

var (
	errTorn      = errors.New("the record ends after the file")
	errDamaged   = errors.New("the record does not match its checksum")
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
	littleEndian = binary.LittleEndian
)

// appendRecord adds the encoded record to buffer. The salt belongs to the segment and is known to nobody else, so that
// no payload can contain bytes that would pass for a record of its own when a damaged segment is searched.
func appendRecord(buffer []byte, salt uint64, record Record) []byte {
	start := len(buffer)
	buffer = append(buffer, make([]byte, recordHeaderBytes)...)
	buffer = littleEndian.AppendUint64(buffer, uint64(record.Received.UnixNano()))
	var flags byte
	if record.Redelivered {
		flags |= flagRedelivered
	}
	buffer = append(buffer, flags)
	buffer = appendText(buffer, record.Topic)
	buffer = appendText(buffer, record.ID)
	buffer = append(buffer, record.Payload...)

	header, body := buffer[start:start+recordHeaderBytes], buffer[start+recordHeaderBytes:]
	littleEndian.PutUint32(header[0:], uint32(len(body)))
	littleEndian.PutUint32(header[4:], checksum(salt, record.Sequence, body))
	littleEndian.PutUint64(header[8:], record.Sequence)
	return buffer
}

// encodedBytes is the room that the message takes on disk.
func encodedBytes(message Message) int64 {
	return int64(recordHeaderBytes + 8 + 1 + 2*binary.MaxVarintLen32 +
		len(message.Topic) + len(message.ID) + len(message.Payload))
}

// decodeRecord reads the record at the start of data and says how many bytes it takes.
func decodeRecord(data []byte, salt uint64) (Record, int, error) {
	if len(data) < recordHeaderBytes {
		return Record{}, 0, errTorn
	}
	length := int(littleEndian.Uint32(data[0:]))
	if length > maximumBodyBytes {
		return Record{}, 0, errDamaged
	}
	if len(data) < recordHeaderBytes+length {
		return Record{}, 0, errTorn
	}
	sequence := littleEndian.Uint64(data[8:])
	body := data[recordHeaderBytes : recordHeaderBytes+length]
	if checksum(salt, sequence, body) != littleEndian.Uint32(data[4:]) {
		return Record{}, 0, errDamaged
	}
	message, ok := decodeMessage(body)
	if !ok {
		return Record{}, 0, errDamaged
	}
	return Record{Sequence: sequence, Message: message}, recordHeaderBytes + length, nil
}

func decodeMessage(body []byte) (Message, bool) {
	if len(body) < 9 {
		return Message{}, false
	}
	message := Message{
		Received:    time.Unix(0, int64(littleEndian.Uint64(body))).UTC(),
		Redelivered: body[8]&flagRedelivered != 0,
	}
	var ok bool
	rest := body[9:]
	if message.Topic, rest, ok = cutText(rest); !ok {
		return Message{}, false
	}
	if message.ID, rest, ok = cutText(rest); !ok {
		return Message{}, false
	}
	message.Payload = append([]byte{}, rest...)
	return message, true
}

func appendText(buffer []byte, text string) []byte {
	return append(binary.AppendUvarint(buffer, uint64(len(text))), text...)
}

func cutText(data []byte) (string, []byte, bool) {
	length, read := binary.Uvarint(data)
	if read <= 0 || length > uint64(len(data)-read) {
		return "", nil, false
	}
	end := read + int(length)
	return string(data[read:end]), data[end:], true
}

func checksum(salt, sequence uint64, body []byte) uint32 {
	var prefix [16]byte
	littleEndian.PutUint64(prefix[0:], salt)
	littleEndian.PutUint64(prefix[8:], sequence)
	return crc32.Update(crc32.Checksum(prefix[:], castagnoli), castagnoli, body)
}
