using System.Buffers;
using System.Buffers.Binary;

namespace Estream.Map.Internal;

/// <summary>Copies of a few entries in one rented buffer: for each the lengths of key and value, then both.</summary>
internal struct EntryCopies
{
    private const int LengthsBytes = 2 * sizeof(int);

    private byte[] _bytes = [];
    private int _used;
    private int _next;
    private int _keyStart;
    private int _keyBytes;
    private int _valueBytes;

    public EntryCopies()
    {
    }

    public readonly ReadOnlySpan<byte> Key => _bytes.AsSpan(_keyStart, _keyBytes);

    public readonly ReadOnlySpan<byte> Value => _bytes.AsSpan(_keyStart + _keyBytes, _valueBytes);

    public void Clear()
    {
        _used = 0;
        _next = 0;
    }

    /// <summary>Appends a copy of an entry.</summary>
    public BlockOutcome Add(HeapSegment segment, BlockRef at)
    {
        BlockOutcome outcome = segment.ReadHead(at, out BlockHead head);
        if (outcome != BlockOutcome.Found)
        {
            return outcome;
        }

        int bytes = checked(LengthsBytes + head.KeyBytes + head.ValueBytes);
        MakeRoom(checked(_used + bytes));
        Span<byte> copy = _bytes.AsSpan(_used, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(copy, head.KeyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(copy[sizeof(int)..], head.ValueBytes);
        outcome = segment.CopyKey(at, in head, copy[LengthsBytes..]);
        outcome = outcome == BlockOutcome.Found ? segment.CopyValue(at, in head, copy[(LengthsBytes + head.KeyBytes)..]) : outcome;
        _used += outcome == BlockOutcome.Found ? bytes : 0;
        return outcome;
    }

    /// <summary>Moves to the next entry, if there is one.</summary>
    public bool TryNext()
    {
        if (_next == _used)
        {
            return false;
        }

        ReadOnlySpan<byte> lengths = _bytes.AsSpan(_next, LengthsBytes);
        _keyStart = _next + LengthsBytes;
        _keyBytes = BinaryPrimitives.ReadInt32LittleEndian(lengths);
        _valueBytes = BinaryPrimitives.ReadInt32LittleEndian(lengths[sizeof(int)..]);
        _next = _keyStart + _keyBytes + _valueBytes;
        return true;
    }

    /// <summary>Whether the keys of all entries have a hash: a sealed entry with another hash was swapped with another.</summary>
    public bool AreOf(nuint expected, in ByteHash hash)
    {
        bool areOf = true;
        while (areOf && TryNext())
        {
            areOf = hash.Of(Key) == expected;
        }

        _next = 0;
        return areOf;
    }

    /// <summary>Returns the buffer.</summary>
    public void Dispose()
    {
        Clear();
        (_keyStart, _keyBytes, _valueBytes) = (0, 0, 0);
        if (_bytes is { Length: > 0 })
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void MakeRoom(int bytes)
    {
        if (bytes > _bytes.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(bytes);
            _bytes.AsSpan(0, _used).CopyTo(larger);
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }
    }
}
