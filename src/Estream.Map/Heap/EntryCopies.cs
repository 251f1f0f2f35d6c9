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
    private bool _isDecrypted;

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
    /// <param name="segment">The segment of the block.</param>
    /// <param name="at">The block.</param>
    /// <param name="hash">The hash that the index has for the entry. A sealed entry with another hash is damage: blocks were swapped.
    /// Null if that was checked before.</param>
    public BlockOutcome Add(HeapSegment segment, BlockRef at, nuint? hash)
    {
        BlockOutcome outcome = segment.ReadHead(at, out BlockHead head);
        if (outcome != BlockOutcome.Found)
        {
            return outcome;
        }

        int bytes = checked(LengthsBytes + head.KeyBytes + head.ValueBytes);
        _isDecrypted |= head.Kind == BlockKind.Sealed;
        MakeRoom(checked(_used + bytes));
        Span<byte> copy = _bytes.AsSpan(_used, bytes);
        BinaryPrimitives.WriteInt32LittleEndian(copy, head.KeyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(copy[sizeof(int)..], head.ValueBytes);
        outcome = segment.CopyKey(at, in head, copy[LengthsBytes..]);
        outcome = outcome == BlockOutcome.Found ? segment.CopyValue(at, in head, copy[(LengthsBytes + head.KeyBytes)..]) : outcome;
        if (outcome == BlockOutcome.Found && !segment.IsPlaced(copy.Slice(LengthsBytes, head.KeyBytes), hash))
        {
            outcome = BlockOutcome.Damaged;
        }

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

    /// <summary>Returns the buffer.</summary>
    public void Dispose()
    {
        Clear();
        (_keyStart, _keyBytes, _valueBytes) = (0, 0, 0);
        if (_bytes is { Length: > 0 })
        {
            Return();
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
                Return();
            }

            _bytes = larger;
        }
    }

    // Other code rents the array next, so decrypted entries are overwritten.
    private readonly void Return() => ArrayPool<byte>.Shared.Return(_bytes, clearArray: _isDecrypted);
}
