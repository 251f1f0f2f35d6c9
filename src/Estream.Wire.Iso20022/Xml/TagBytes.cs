using System.Buffers.Binary;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Bytes to compare with input: by the first eight bytes and by the last eight, which cover most tags completely.</summary>
internal readonly struct TagBytes
{
    private const int Word = sizeof(ulong);

    private readonly byte[] _all;
    private readonly ulong _first;
    private readonly ulong _mask;
    private readonly ulong _last;

    /// <summary>Creates the comparison.</summary>
    /// <param name="all">One or more bytes.</param>
    /// <param name="isPossible">Whether the input can contain these bytes; if false, they never match.</param>
    public TagBytes(byte[] all, bool isPossible)
    {
        Span<byte> words = stackalloc byte[2 * Word];
        words.Clear();
        all.AsSpan(0, Math.Min(all.Length, Word)).CopyTo(words);
        all.AsSpan(Math.Max(all.Length - Word, 0)).CopyTo(words[Word..]);
        _all = all;
        _first = isPossible ? BinaryPrimitives.ReadUInt64LittleEndian(words) : ulong.MaxValue;
        _mask = !isPossible ? 0 : all.Length >= Word ? ulong.MaxValue : (1UL << (8 * all.Length)) - 1;
        _last = BinaryPrimitives.ReadUInt64LittleEndian(words[Word..]);
    }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> All => _all;

    /// <summary>The number of bytes.</summary>
    public int Length => _all.Length;

    /// <summary>Whether eight bytes of input match the beginning of these bytes.</summary>
    public bool MayBegin(ulong first) => (first & _mask) == _first;

    /// <summary>Whether the input starts with these bytes.</summary>
    public bool IsAt(ReadOnlySpan<byte> data) => data.Length >= Word
        ? MayBegin(BinaryPrimitives.ReadUInt64LittleEndian(data)) && IsRestAt(data)
        : data.StartsWith(_all);

    /// <summary>Whether the input starts with these bytes, given that <see cref="MayBegin"/> is true for its first eight bytes.</summary>
    public bool IsRestAt(ReadOnlySpan<byte> data)
    {
        int last = _all.Length - Word;
        return last <= 0
            || (data.Length >= _all.Length && BinaryPrimitives.ReadUInt64LittleEndian(data[last..]) == _last
                && (last <= Word || data.StartsWith(_all)));
    }
}
