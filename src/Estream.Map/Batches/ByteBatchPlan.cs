using System.Numerics;

namespace Estream.Map.Internal;

/// <summary>The requirements and changes of a batch of a byte map, once for each key, with copies of all bytes.</summary>
internal sealed class ByteBatchPlan(int capacity, ByteHash hash)
{
    /// <summary>The limit for keys, values and required values together.</summary>
    public const int MaxBytes = HeapFormat.MaxValueBytes;

    private const int FirstBytes = 1024;

    private readonly ByteBatchItem[] _items = new ByteBatchItem[capacity];

    // A hash table with open addressing by the lowest bits of the hash. A slot holds the index of an item plus one.
    private readonly int[] _index = new int[BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
    private byte[] _bytes = [];
    private int _used;

    public int Capacity => _items.Length;

    public int Count { get; private set; }

    public ref ByteBatchItem this[int index] => ref _items[index];

    public ReadOnlySpan<byte> KeyOf(int index) => BytesOf(_items[index].Key);

    public ReadOnlySpan<byte> ValueOf(int index) => BytesOf(_items[index].Value);

    public ReadOnlySpan<byte> ExpectedOf(int index) => BytesOf(_items[index].Expected);

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expiresAt)
    {
        ref ByteBatchItem item = ref ItemOf(key, value.Length);
        item.Value = Keep(value, item.Value);
        item.ExpiresAt = expiresAt;
        item.Asked = EntryOutcome.Put;
    }

    public void Remove(ReadOnlySpan<byte> key) => ItemOf(key, moreBytes: 0).Asked = EntryOutcome.Remove;

    public void Require(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ref ByteBatchItem item = ref ItemOf(key, value.Length);
        item.Expected = Keep(value, item.Expected);
        item.Requirement = ByteRequirement.Value;
    }

    public void RequireAbsent(ReadOnlySpan<byte> key) => ItemOf(key, moreBytes: 0).Requirement = ByteRequirement.Absence;

    public void RequireVersion(ReadOnlySpan<byte> key, long version)
    {
        ref ByteBatchItem item = ref ItemOf(key, moreBytes: 0);
        item.ExpectedVersion = version;
        item.Requirement = ByteRequirement.Version;
    }

    /// <summary>Forgets the blocks of a failed attempt.</summary>
    public void ForgetStored()
    {
        foreach (ref ByteBatchItem item in _items.AsSpan(0, Count))
        {
            (item.Stored, item.List) = (default, default);
        }
    }

    public void Clear()
    {
        // Forgets the located entries, which would keep segments alive.
        Array.Clear(_items, 0, Count);
        Array.Clear(_index);
        Count = 0;
        _used = 0;
    }

    // Returns the item of a key. A new item requires nothing and changes nothing, and there is room for its value.
    private ref ByteBatchItem ItemOf(ReadOnlySpan<byte> key, int moreBytes)
    {
        nuint keyHash = hash.Of(key);
        int mask = _index.Length - 1;
        int leader = -1;
        int at = (int)keyHash & mask;
        for (; _index[at] != 0; at = (at + 1) & mask)
        {
            int known = _index[at] - 1;
            if (_items[known].Hash != keyHash)
            {
                continue;
            }

            if (KeyOf(known).SequenceEqual(key))
            {
                return ref _items[known];
            }

            // Items are never removed singly, so the probe meets the first item of a hash first.
            leader = leader < 0 ? known : leader;
        }

        if (Count == Capacity)
        {
            throw new InvalidOperationException(
                $"The batch has a capacity of {Capacity} keys. Create a larger batch, or split changes that need not be atomic.");
        }

        RequireRoom(key.Length + (long)moreBytes);
        int index = Count++;
        _index[at] = index + 1;
        _items[index] = new ByteBatchItem
        {
            Hash = keyHash,
            Key = Keep(key, default),
            Asked = EntryOutcome.Keep,
            Leader = leader < 0 ? index : leader,
            Next = -1,
            Last = index,
        };
        if (leader >= 0)
        {
            _items[_items[leader].Last].Next = index;
            _items[leader].Last = index;
        }

        return ref _items[index];
    }

    // Reuses the room of the replaced bytes, if it is large enough.
    private BatchBytes Keep(ReadOnlySpan<byte> bytes, BatchBytes before)
    {
        BatchBytes kept = bytes.Length <= before.Room
            ? before with { Length = bytes.Length }
            : new BatchBytes(Take(bytes.Length), bytes.Length, bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(kept.At));
        return kept;
    }

    private int Take(int length)
    {
        RequireRoom(length);
        int at = _used;
        if (_bytes.Length - at < length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(MaxBytes, BitOperations.RoundUpToPowerOf2((uint)Math.Max(at + length, FirstBytes))));
        }

        _used = at + length;
        return at;
    }

    private void RequireRoom(long bytes)
    {
        if (_used + bytes > MaxBytes)
        {
            throw new InvalidOperationException(
                $"The batch has {_used} bytes; {bytes} more exceed its limit of {MaxBytes}. Split changes that need not be atomic.");
        }
    }

    private ReadOnlySpan<byte> BytesOf(BatchBytes bytes) => _bytes.AsSpan(bytes.At, bytes.Length);
}

/// <summary>The requirement and change of one key in a batch of a byte map, and its entry at the commit.</summary>
internal struct ByteBatchItem
{
    public nuint Hash;
    public BatchBytes Key;
    public BatchBytes Value;
    public BatchBytes Expected;
    public ByteRequirement Requirement;
    public long ExpectedVersion;
    public long ExpiresAt;
    public EntryOutcome Asked;

    /// <summary>The first item of the same hash, which may be this item. <see cref="Next"/> is the next item of the hash, or -1.</summary>
    public int Leader;
    public int Next;

    /// <summary>The last item of the hash; valid only in the first item.</summary>
    public int Last;

    // Set by the commit.
    public LocatedEntry Entry;
    public EntryOutcome Outcome;
    public Stamp Stamp;

    /// <summary>The new block of the key.</summary>
    public BlockRef Stored;

    /// <summary>The new collision list of the hash, if it has one; valid only in the first item.</summary>
    public BlockRef List;
}

/// <summary>The location of bytes that a batch keeps until it is committed: offset, length and capacity.</summary>
internal readonly record struct BatchBytes(int At, int Length, int Room);

internal enum ByteRequirement : byte
{
    None,
    Absence,
    Value,
    Version,
}
