using System.Buffers.Binary;

namespace Estream.Witness.Internal;

/// <summary>
/// The entries of a state, partitioned by the first bits of their keys' hashes. Page p holds the entries with prefix p, in order. A page is
/// a chain of blocks of four entries. Freed blocks are reused.
/// </summary>
/// <remarks>An entry takes 64 bytes, a quarter of its block's link to the next block, and its share of the page's last block, which is half
/// empty on average.</remarks>
internal sealed class StatePages
{
    private const int BlockEntries = 4;
    private const int BlockBytes = BlockEntries * StateHash.EntryBytes;
    private const int SlabShift = 12;
    private const int SlabBlocks = 1 << SlabShift;
    private const int None = -1;

    // Blocks are allocated in slabs, so that a growing state is never copied as a whole.
    private readonly List<byte[]> _slabs = [];
    private readonly List<int[]> _next = [];
    private int[] _first = [None];
    private int[] _counts = [0];
    private int _free = None;
    private int _taken;
    private byte[] _page = new byte[8 * BlockBytes];

    /// <summary>The number of leading bits that select a page.</summary>
    public int Bits { get; private set; }

    /// <summary>The number of entries of all pages.</summary>
    public long Count { get; private set; }

    /// <summary>Returns the page of a key.</summary>
    public int PageOf(ReadOnlySpan<byte> keyHash) => (int)((ulong)BinaryPrimitives.ReadUInt32BigEndian(keyHash) >> (32 - Bits));

    /// <summary>Returns the number of entries of a page.</summary>
    public int CountOf(int page) => _counts[page];

    /// <summary>Adds an entry, or replaces its value.</summary>
    /// <returns>True if the page changed.</returns>
    public bool Put(int page, ReadOnlySpan<byte> entry)
    {
        ReadOnlySpan<byte> keyHash = entry[..MerkleTree.HashBytes];
        Span<byte> found = Find(page, keyHash);
        if (!found.IsEmpty)
        {
            bool isOther = !found.SequenceEqual(entry);
            entry.CopyTo(found);
            return isOther;
        }

        int bytes = _counts[page] * StateHash.EntryBytes;
        Span<byte> entries = Rent(bytes + StateHash.EntryBytes);
        Read(page, entries);
        int at = ~StateHash.Find(entries[..bytes], keyHash) * StateHash.EntryBytes;
        entries[at..bytes].CopyTo(entries[(at + StateHash.EntryBytes)..]);
        entry.CopyTo(entries[at..]);
        Write(page, entries);
        return true;
    }

    /// <summary>Removes an entry.</summary>
    /// <returns>True if the entry existed.</returns>
    public bool Remove(int page, ReadOnlySpan<byte> keyHash)
    {
        if (Find(page, keyHash).IsEmpty)
        {
            return false;
        }

        int bytes = _counts[page] * StateHash.EntryBytes;
        Span<byte> entries = Rent(bytes);
        Read(page, entries);
        int at = StateHash.Find(entries, keyHash) * StateHash.EntryBytes;
        entries[(at + StateHash.EntryBytes)..].CopyTo(entries[at..]);
        Write(page, entries[..(bytes - StateHash.EntryBytes)]);
        return true;
    }

    /// <summary>Copies the entries of a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="entries">Receives the entries; has space for all entries of the page.</param>
    public void Read(int page, Span<byte> entries)
    {
        int left = _counts[page] * StateHash.EntryBytes;
        for (int block = _first[page]; left > 0; block = Next(block))
        {
            int bytes = Math.Min(left, BlockBytes);
            Block(block)[..bytes].CopyTo(entries);
            entries = entries[bytes..];
            left -= bytes;
        }
    }

    /// <summary>Removes all entries and releases the memory.</summary>
    public void Clear()
    {
        _slabs.Clear();
        _next.Clear();
        (_first, _counts, _free, _taken, Bits, Count) = ([None], [0], None, 0, 0, 0);
    }

    /// <summary>Doubles the number of pages by splitting each in two.</summary>
    public void Grow()
    {
        StatePages before = Turn(Bits + 1);
        for (int page = 0; page < before._first.Length; page++)
        {
            Span<byte> entries = Take(before, page, 0);
            int left = StateHash.CountLeft(entries, before.Bits) * StateHash.EntryBytes;
            Write(2 * page, entries[..left]);
            Write((2 * page) + 1, entries[left..]);
        }
    }

    /// <summary>Halves the number of pages by merging each pair.</summary>
    public void Shrink()
    {
        StatePages before = Turn(Bits - 1);
        for (int page = 0; page < _first.Length; page++)
        {
            int left = Take(before, 2 * page, 0).Length;
            Write(page, Take(before, (2 * page) + 1, left));
        }
    }

    // Replaces the page lists by empty lists of another length and returns the old lists. The blocks stay in this object.
    private StatePages Turn(int bits)
    {
        var before = new StatePages { _first = _first, _counts = _counts, Bits = Bits };
        _first = new int[1 << bits];
        _first.AsSpan().Fill(None);
        (_counts, Bits, Count) = (new int[1 << bits], bits, 0);
        return before;
    }

    /// <summary>Moves the entries of a page of the old lists to the buffer, after the entries already taken.</summary>
    /// <returns>All entries in the buffer.</returns>
    private Span<byte> Take(StatePages before, int page, int taken)
    {
        int left = before._counts[page] * StateHash.EntryBytes, all = taken + left;
        if (all > _page.Length)
        {
            Array.Resize(ref _page, Math.Max(all, 2 * _page.Length));
        }

        for (int block = before._first[page], next; left > 0; block = next)
        {
            int bytes = Math.Min(left, BlockBytes);
            Block(block)[..bytes].CopyTo(_page.AsSpan(all - left));
            left -= bytes;
            next = Next(block);
            Free(block);
        }

        return _page.AsSpan(0, all);
    }

    private Span<byte> Find(int page, ReadOnlySpan<byte> keyHash)
    {
        int left = _counts[page];
        for (int block = _first[page]; left > 0; block = Next(block), left -= BlockEntries)
        {
            Span<byte> entries = Block(block);
            for (int at = 0; at < Math.Min(left, BlockEntries); at++)
            {
                Span<byte> entry = entries.Slice(at * StateHash.EntryBytes, StateHash.EntryBytes);
                if (entry.StartsWith(keyHash))
                {
                    return entry;
                }
            }
        }

        return [];
    }

    // The entries are a copy, not memory of the blocks, so the blocks can be overwritten.
    private void Write(int page, ReadOnlySpan<byte> entries)
    {
        int count = entries.Length / StateHash.EntryBytes, before = None, block = _first[page];
        for (; !entries.IsEmpty; before = block, block = Next(block))
        {
            block = block == None ? Add(page, before) : block;
            int bytes = Math.Min(entries.Length, BlockBytes);
            entries[..bytes].CopyTo(Block(block));
            entries = entries[bytes..];
        }

        while (block != None)
        {
            int next = Next(block);
            Free(block);
            block = next;
        }

        End(page, before);
        Count += count - _counts[page];
        _counts[page] = count;
    }

    private int Add(int page, int before)
    {
        int block = _free;
        if (block != None)
        {
            _free = Next(block);
        }
        else
        {
            if (_taken == _slabs.Count << SlabShift)
            {
                _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabBlocks * BlockBytes));
                _next.Add(new int[SlabBlocks]);
            }

            block = checked(_taken++);
        }

        Next(block) = None;
        (before == None ? ref _first[page] : ref Next(before)) = block;
        return block;
    }

    private void End(int page, int last) => (last == None ? ref _first[page] : ref Next(last)) = None;

    private void Free(int block)
    {
        Next(block) = _free;
        _free = block;
    }

    private Span<byte> Rent(int bytes)
    {
        if (bytes > _page.Length)
        {
            Array.Resize(ref _page, Math.Max(bytes, 2 * _page.Length));
        }

        return _page.AsSpan(0, bytes);
    }

    private Span<byte> Block(int block) => _slabs[block >> SlabShift].AsSpan((block & (SlabBlocks - 1)) * BlockBytes, BlockBytes);

    private ref int Next(int block) => ref _next[block >> SlabShift][block & (SlabBlocks - 1)];
}
