// Command sumdb checks what Cantoria publishes with Go's own implementation of the same formats
// (golang.org/x/mod/sumdb/note and tlog), and makes notes with it that Cantoria is to read.
//
//	sumdb check FOLDER     the proof of one entry, the growth of the tree, its tiles, and the cosignatures
//	sumdb sign NAME SEED   sign the text on stdin as the log NAME with the key of this seed (hex)
//	sumdb time FOLDER N    the median microseconds of N verifications of FOLDER's proof
//
// A FOLDER holds vkey, cosigners (one vkey a line), checkpoint, older (a smaller checkpoint), growth (the consistency
// proof, one base64 hash a line), entry, proof.tlog-proof, and the log's tiles.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "check":
		return check(args[1])
	case len(args) == 3 && args[0] == "sign":
		return sign(args[1], args[2])
	case len(args) == 3 && args[0] == "time":
		return measure(args[1], args[2])
	}
	return errors.New("usage: sumdb check FOLDER | sign NAME SEED | time FOLDER N")
}

// tree is a checkpoint's tree head.
type tree struct {
	size int64
	root tlog.Hash
}

// trusted opens notes by the log's key and counts the cosignatures on them.
type trusted struct {
	log       note.Verifier
	cosigners []note.Verifier
}

func trust(folder string) (*trusted, error) {
	vkey, err := read(folder, "vkey")
	if err != nil {
		return nil, err
	}
	log, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return nil, err
	}
	lines, err := read(folder, "cosigners")
	if err != nil {
		return nil, err
	}
	found := &trusted{log: log}
	for _, line := range strings.Fields(lines) {
		verifier, err := newCosigner(line)
		if err != nil {
			return nil, err
		}
		found.cosigners = append(found.cosigners, verifier)
	}
	return found, nil
}

// open returns the tree in a note that the log signed, and by how many cosigners it is cosigned.
func (t *trusted) open(text string) (tree, int, error) {
	opened, err := note.Open([]byte(text), note.VerifierList(append([]note.Verifier{t.log}, t.cosigners...)...))
	if err != nil {
		return tree{}, 0, err
	}
	byLog, byOthers := 0, 0
	for _, one := range opened.Sigs {
		if one.Name == t.log.Name() && one.Hash == t.log.KeyHash() {
			byLog++
		} else {
			byOthers++
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if byLog != 1 || len(lines) != 4 || lines[0] != t.log.Name() {
		return tree{}, 0, fmt.Errorf("not a checkpoint of %s: %q", t.log.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, 0, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tree{size, root}, byOthers, err
}

// cosigner is a note.Verifier of cosignature/v1 (C2SP tlog-cosignature).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed cosigner key")
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 33 || data[0] != 4 {
		return nil, errors.New("not a cosigner key")
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	if hex.EncodeToString(digest[:4]) != parts[1] {
		return nil, errors.New("the hash of the cosigner key is wrong")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(digest[:4]), data[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(head), message...), signature[8:])
}

// proof is a C2SP tlog-proof@v1.
type proof struct {
	index      int64
	path       tlog.RecordProof
	checkpoint string
}

func parseProof(text string) (*proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return nil, err
	}
	path, err := hashes(lines[1:])
	return &proof{index, path, checkpoint}, err
}

func verify(t *trusted, text string, entry []byte) (tree, int, error) {
	parsed, err := parseProof(text)
	if err != nil {
		return tree{}, 0, err
	}
	head, cosigned, err := t.open(parsed.checkpoint)
	if err != nil {
		return tree{}, 0, err
	}
	return head, cosigned, tlog.CheckRecord(parsed.path, head.size, head.root, parsed.index, tlog.RecordHash(entry))
}

func check(folder string) error {
	t, err := trust(folder)
	if err != nil {
		return err
	}
	text, entry, err := proofAndEntry(folder)
	if err != nil {
		return err
	}
	head, cosigned, err := verify(t, text, entry)
	if err != nil {
		return fmt.Errorf("tlog-proof: %w", err)
	}
	if _, _, err = verify(t, text, append(entry, 0)); err == nil {
		return errors.New("another entry was accepted")
	}
	if err = checkGrowth(folder, t); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	records, err := checkTiles(folder, t)
	if err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	fmt.Printf("size %d cosigned %d records %d\n", head.size, cosigned, records)
	return nil
}

func checkGrowth(folder string, t *trusted) error {
	var heads []tree
	for _, name := range []string{"older", "checkpoint"} {
		text, err := read(folder, name)
		if err != nil {
			return err
		}
		head, _, err := t.open(text)
		if err != nil {
			return err
		}
		heads = append(heads, head)
	}
	lines, err := read(folder, "growth")
	if err != nil {
		return err
	}
	path, err := hashes(strings.Fields(lines))
	if err != nil {
		return err
	}
	return tlog.CheckTree(tlog.TreeProof(path), heads[1].size, heads[1].root, heads[0].size, heads[0].root)
}

// tileFiles reads tiles from a folder; sumdb puts the height of its tiles into their paths, tlog-tiles does not.
type tileFiles struct{ folder string }

func (f tileFiles) Height() int { return tileHeight }

func (f tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, one := range tiles {
		path := "tile/" + strings.TrimPrefix(one.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		data, err := os.ReadFile(filepath.Join(f.folder, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (f tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

// checkTiles authenticates every leaf hash from the signed root down, and compares it with the entry in its bundle.
func checkTiles(folder string, t *trusted) (int64, error) {
	text, err := read(folder, "checkpoint")
	if err != nil {
		return 0, err
	}
	head, _, err := t.open(text)
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: head.size, Hash: head.root}, tileFiles{folder})
	for first := int64(0); first < head.size; first += 1 << tileHeight {
		width := min(head.size-first, 1<<tileHeight)
		entries, err := bundle(folder, first>>tileHeight, int(width))
		if err != nil {
			return 0, err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			return 0, err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != leaves[i] {
				return 0, fmt.Errorf("entry %d is not the one in its tile", first+int64(i))
			}
		}
	}
	made, err := tlog.ProveRecord(head.size, head.size-1, reader)
	if err != nil {
		return 0, err
	}
	last, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, head.size-1)})
	if err != nil {
		return 0, err
	}
	return head.size, tlog.CheckRecord(made, head.size, head.root, head.size-1, last[0])
}

func bundle(folder string, number int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: number, W: width}
	path := "tile/entries/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries", path, len(entries))
	}
	return entries, nil
}

func sign(name, seed string) error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	data, err := hex.DecodeString(seed)
	if err != nil {
		return err
	}
	private, public, err := note.GenerateKey(bytes.NewReader(data), name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s", public, signed)
	return nil
}

func measure(folder, count string) error {
	times, err := strconv.Atoi(count)
	if err != nil || times < 1 {
		return errors.New("give a number of verifications")
	}
	t, err := trust(folder)
	if err != nil {
		return err
	}
	text, entry, err := proofAndEntry(folder)
	if err != nil {
		return err
	}
	spent := make([]float64, times)
	for i := range spent {
		began := time.Now()
		if _, _, err := verify(t, text, entry); err != nil {
			return err
		}
		spent[i] = float64(time.Since(began).Nanoseconds()) / 1000
	}
	sort.Float64s(spent)
	fmt.Printf("%.1f\n", spent[times/2])
	return nil
}

func proofAndEntry(folder string) (string, []byte, error) {
	text, err := read(folder, "proof.tlog-proof")
	if err != nil {
		return "", nil, err
	}
	entry, err := read(folder, "entry")
	return text, []byte(entry), err
}

func hashes(lines []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, line := range lines {
		one, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func read(folder, name string) (string, error) {
	data, err := os.ReadFile(filepath.Join(folder, name))
	return string(data), err
}
