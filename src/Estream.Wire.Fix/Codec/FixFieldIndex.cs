using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Indexes the fields of one message in the order they arrived. Reused for the next message; not thread-safe.</summary>
/// <remarks>
/// A sender usually sends the same fields in the same order. Each field is first compared with the field at the same index of the previous
/// message; its tag is parsed only if they differ. Parsing continues after a field it cannot read, and <see cref="Fault"/> keeps the first
/// such error. Because the checksum was valid, the message must be rejected by its MsgSeqNum rather than requested again.
/// </remarks>
internal sealed class FixFieldIndex
{
    private const int FirstFields = 64;

    // The number of fields that are compared at once. The arrays of values and guesses have this many additional elements, so that the
    // last comparison stays inside them.
    private const int Together = 16;

    private static readonly Vector512<uint> s_firstPairs =
        Vector512.Create(0U, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

    private static readonly Vector512<uint> s_lastPairs =
        Vector512.Create(8U, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);

    private readonly byte[] _ends = new byte[SohPlaces.MaxPlaces];
    private readonly FixDataTags _dataTags;
    private readonly int _maxFields;
    private int[] _tags;
    private ulong[] _values;
    private uint[] _guessedWords;
    private uint[] _guessedShifts;
    private int[] _groupEnds;
    private int _groupEndsLength;

    /// <param name="dataTags">The fields whose values may contain SOH.</param>
    /// <param name="maxFields">The maximum number of fields in a message.</param>
    public FixFieldIndex(FixDataTags dataTags, int maxFields)
    {
        _dataTags = dataTags;
        _maxFields = maxFields;
        int fields = Math.Min(FirstFields, maxFields);
        _tags = new int[fields];
        _values = new ulong[fields + Together];
        _guessedWords = new uint[fields + Together];
        _guessedShifts = new uint[fields + Together];
        Array.Fill(_guessedWords, TagGuess.NoWord);
        Array.Fill(_guessedShifts, TagGuess.NoShift);
        _groupEnds = new int[fields];
    }

    public int Count { get; private set; }

    /// <summary>Changes whenever the tags differ from the tags of the previous message. Results derived from tags alone stay valid while
    /// this value is the same.</summary>
    public long Shape { get; private set; }

    /// <summary>Parses the dates of the message's fields.</summary>
    public DateCache Days { get; } = new();

    /// <summary>The first error found while parsing.</summary>
    public FixFault Fault { get; private set; }

    public ReadOnlySpan<int> Tags => _tags.AsSpan(0, Count);

    /// <summary>The values of the fields, each packed as in <see cref="FieldValue.Packed"/>.</summary>
    public ReadOnlySpan<ulong> Values => _values.AsSpan(0, Count);

    public int TagOf(int field)
    {
        return Tags[field];
    }

    /// <summary>The offset of a field's value in the message.</summary>
    public int StartOf(int field)
    {
        return ValueAt(field).Start;
    }

    public int LengthOf(int field)
    {
        return ValueAt(field).Length;
    }

    /// <summary>The value of the field at an index if the field has this tag; otherwise an empty value.</summary>
    public FieldValue ValueAt(int field, int tag)
    {
        return field < Count && _tags[field] == tag ? ValueAt(field) : default;
    }

    /// <summary>The index of the first field with a tag, or -1.</summary>
    public int Find(int tag)
    {
        return Tags.IndexOf(tag);
    }

    /// <summary>The first field after the entries of a group, by its count field; 0 if the field does not count a group or the message was
    /// not validated.</summary>
    public int GroupEnd(int countField)
    {
        return _groupEnds[countField];
    }

    public void SetGroupEnd(int countField, int end)
    {
        _groupEnds[countField] = end;
        _groupEndsLength = Math.Max(_groupEndsLength, countField + 1);
    }

    /// <summary>Whether a field is raw data whose length the previous field gives.</summary>
    public bool IsRawDataAt(int field)
    {
        return field > 0 && _dataTags.IsData(_tags[field]) && _dataTags.IsLength(_tags[field - 1]);
    }

    /// <summary>Parses the fields of a message.</summary>
    public void Parse(ReadOnlySpan<byte> message)
    {
        int before = Count;
        if (_groupEndsLength != 0)
        {
            Array.Clear(_groupEnds, 0, _groupEndsLength);
            _groupEndsLength = 0;
        }

        Count = 0;
        Fault = FixFault.None;
        int position = 0;
        for (int chunk = 0; chunk < message.Length; chunk += SohPlaces.ChunkLength)
        {
            int next = 0;
            int count = MessageChunk.IsSupported && message.Length >= Vector512<byte>.Count
                ? TakeSixteenAsBefore(message, chunk, out next, ref position)
                : SohPlaces.Find(message, chunk, _ends);
            if (next < count)
            {
                position = TakeChunk(message, chunk, _ends.AsSpan(0, count), next, position);
            }
        }

        if (position < message.Length)
        {
            position = Take(message, position, message.Length);
        }

        Shape += Count == before ? 0 : 1;
        if (Count == 0 || _tags[Count - 1] != Tag.CheckSum || position != message.Length)
        {
            // A raw data field can swallow the end of the message.
            Fail(FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.CheckSum));
        }
    }

    /// <summary>Parses the fields that end in a chunk of <see cref="SohPlaces"/>.</summary>
    /// <returns>The offset of the next field.</returns>
    private int TakeChunk(ReadOnlySpan<byte> message, int chunk, ReadOnlySpan<byte> ends, int next, int position)
    {
        while (true)
        {
            position = TakeAsBefore(message, chunk, ends, ref next, position);
            if (next == ends.Length)
            {
                return position;
            }

            // A SOH before the position is part of raw data.
            int end = chunk + ends[next++];
            if (end >= position)
            {
                position = TakeOther(message, position, end);
            }
        }
    }

    /// <summary>Parses fields while their tags match the tags of the previous message. Makes no calls and is not inlined, so that all its
    /// state stays in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int TakeAsBefore(ReadOnlySpan<byte> message, int chunk, ReadOnlySpan<byte> ends, ref int next, int position)
    {
        int most = Math.Min(ends.Length - next, _tags.Length - Count);
        ReadOnlySpan<byte> rest = ends.Slice(next, most);
        ReadOnlySpan<uint> words = _guessedWords.AsSpan(Count, most);
        ReadOnlySpan<uint> shifts = _guessedShifts.AsSpan(Count, most);
        Span<ulong> values = _values.AsSpan(Count, most);
        if (most == 0 || chunk + rest[0] < position)
        {
            return position;
        }

        int taken = 0;
        while (taken < most)
        {
            // The same condition as in Read, so that the compiler checks it once.
            if ((uint)position + (ulong)sizeof(uint) > (uint)message.Length
                || !TagGuess.IsOf(SpanValue.Read<uint>(message, position), words[taken], shifts[taken]))
            {
                break;
            }

            int end = chunk + rest[taken];
            int value = position + TagGuess.LengthOf(shifts[taken]);
            values[taken] = FieldValue.Pack(value, end - value);
            position = end + 1;
            taken++;
        }

        Count += taken;
        next += taken;
        return position;
    }

    /// <summary>Finds the ends of the fields in a chunk. Parses fields, sixteen at a time, while their tags match the tags of the previous
    /// message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="chunk">The offset of the chunk.</param>
    /// <param name="next">Receives the number of parsed fields, which is also the index of the next end.</param>
    /// <param name="position">The offset of the next field. The call moves it past the parsed fields.</param>
    /// <returns>The number of ends.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int TakeSixteenAsBefore(ReadOnlySpan<byte> message, int chunk, out int next, ref int position)
    {
        MessageChunk bytes = new(message, chunk);
        int count = bytes.FindEnds(_ends, out Vector512<byte> allEnds);
        int first = Count;
        int most = Math.Min(count, _tags.Length - first);
        next = 0;
        if (most == 0 || count > Vector512<byte>.Count || chunk + _ends[0] < position)
        {
            return count;
        }

        if (position != chunk)
        {
            // The first field began in an earlier chunk.
            if (position > message.Length - sizeof(uint)
                || !TagGuess.IsOf(SpanValue.Read<uint>(message, position), _guessedWords[first], _guessedShifts[first]))
            {
                return count;
            }

            int value = position + TagGuess.LengthOf(_guessedShifts[first]);
            _values[first] = FieldValue.Pack(value, chunk + _ends[0] - value);
            next = 1;
        }

        // Each remaining field begins after the end of the previous field. A word can extend past the end of the chunk. A match covers only
        // bytes before the SOH that ends the field, because a tag and its equals sign contain no SOH.
        Vector512<byte> indices = Vector512<byte>.Indices;
        Vector512<byte> allStarts = (Avx512Vbmi.PermuteVar64x8(allEnds, indices - Vector512<byte>.One) + Vector512<byte>.One)
            & Vector512.GreaterThan(indices, Vector512<byte>.Zero);
        int done = next;
        while (done < most)
        {
            Vector512<byte> these = indices + Vector512.Create((byte)done);
            Vector512<uint> starts = Widen(Avx512Vbmi.PermuteVar64x8(allStarts, these));
            Vector512<uint> ends = Widen(Avx512Vbmi.PermuteVar64x8(allEnds, these));
            Vector512<uint> shifts = Vector512.Create<uint>(_guessedShifts.AsSpan(first + done, Together));
            Vector512<uint> words = Vector512.Create<uint>(_guessedWords.AsSpan(first + done, Together));
            Vector512<uint> isSame = Vector512.Equals(Avx512F.ShiftLeftLogicalVariable(bytes.WordsAt(starts), shifts), words);
            int same = BitOperations.TrailingZeroCount(~isSame.ExtractMostSignificantBits());

            // Also writes values for the fields that differ. Those values are overwritten later.
            Vector512<uint> values = starts + TagGuess.LengthsOf(shifts);
            Vector512<uint> lengths = ends - values;
            values += Vector512.Create((uint)chunk);
            Span<ulong> found = _values.AsSpan(first + done, Together);
            Avx512F.PermuteVar16x32x2(values, s_firstPairs, lengths).AsUInt64().CopyTo(found);
            Avx512F.PermuteVar16x32x2(values, s_lastPairs, lengths).AsUInt64().CopyTo(found[(Together / 2)..]);
            if (same < Together)
            {
                done += same;
                break;
            }

            // Adds a constant instead of `same`, so that the next sixteen fields do not wait for this comparison.
            done += Together;
        }

        next = Math.Min(done, most);
        Count = first + next;
        if (next > 0)
        {
            position = chunk + _ends[next - 1] + 1;
        }

        return count;
    }

    private static Vector512<uint> Widen(Vector512<byte> bytes) => Avx512F.ConvertToVector512UInt32(bytes.GetLower().GetLower());

    /// <summary>Parses a field whose tag differs from the tag at the same index of the previous message.</summary>
    /// <returns>The offset of the next field.</returns>
    private int TakeOther(ReadOnlySpan<byte> message, int position, int end)
    {
        int field = Count;
        uint first = position <= message.Length - sizeof(uint) ? SpanValue.Read<uint>(message, position) : 0;
        int tag = FixText.ShortTag(first, out int length);
        if (tag == 0 || _dataTags.IsData(tag) || field == _tags.Length)
        {
            return Take(message, position, end);
        }

        int start = position + length;
        Shape += _tags[field] == tag ? 0 : 1;
        _tags[field] = tag;
        (_guessedWords[field], _guessedShifts[field]) = TagGuess.Of(first, length);
        _values[field] = FieldValue.Pack(start, end - start);
        Count = field + 1;
        return end + 1;
    }

    /// <summary>Parses the field that ends with this SOH or, if the field is raw data, with a later SOH.</summary>
    /// <returns>The offset of the next field; past the end of the message if the field limit is reached.</returns>
    private int Take(ReadOnlySpan<byte> message, int position, int end)
    {
        int field = Count;
        if (field == _tags.Length && !Grow())
        {
            Fail(FixFault.Of(FixRejectReason.Other));
            return message.Length + 1;
        }

        if (!FixText.TryTag(message, position, out int tag, out int tagLength))
        {
            Fail(FixFault.Of(FixRejectReason.InvalidTag));
            return end + 1;
        }

        int start = position + tagLength;
        if (_dataTags.IsData(tag))
        {
            end = EndOfData(message, start, end);
        }

        Shape += _tags[field] == tag ? 0 : 1;
        _tags[field] = tag;
        (_guessedWords[field], _guessedShifts[field]) = (TagGuess.NoWord, TagGuess.NoShift);
        _values[field] = FieldValue.Pack(start, end - start);
        Count = field + 1;
        return end + 1;
    }

    private int EndOfData(ReadOnlySpan<byte> message, int start, int end)
    {
        if (Count == 0 || !_dataTags.IsLength(_tags[Count - 1]))
        {
            return end;
        }

        FieldValue said = ValueAt(Count - 1);
        if (FixText.TryNumber(message.Slice(said.Start, said.Length), out long length) && length >= 0 && length < message.Length - start
            && message[start + (int)length] == FixText.Soh)
        {
            return start + (int)length;
        }

        Fail(FixFault.Of(FixRejectReason.IncorrectFormat, _tags[Count - 1]));
        return end;
    }

    private FieldValue ValueAt(int field) => new(_values[field]);

    private bool Grow()
    {
        if (_tags.Length >= _maxFields)
        {
            return false;
        }

        int before = _tags.Length;
        int fields = Math.Min(_maxFields, before * 2);
        Array.Resize(ref _tags, fields);
        Array.Resize(ref _values, fields + Together);
        Array.Resize(ref _guessedWords, fields + Together);
        Array.Resize(ref _guessedShifts, fields + Together);
        Array.Fill(_guessedWords, TagGuess.NoWord, before, fields + Together - before);
        Array.Fill(_guessedShifts, TagGuess.NoShift, before, fields + Together - before);
        Array.Resize(ref _groupEnds, fields);
        return true;
    }

    private void Fail(FixFault fault)
    {
        if (!Fault.IsFault)
        {
            Fault = fault;
        }
    }
}

/// <summary>The location of the value of a field in its message.</summary>
/// <param name="Packed">The offset of the value in the low half, its length in bytes in the high half.</param>
internal readonly record struct FieldValue(ulong Packed)
{
    public int Start => (int)Packed;

    public int Length => (int)(Packed >> 32);

    public static ulong Pack(int start, int length)
    {
        return (uint)start | ((ulong)(uint)length << 32);
    }
}

/// <summary>The first bytes of a field with a tag of one to three digits: the digits and the equals sign, in one word. The word is shifted
/// so that the equals sign is its highest byte. A field matches if its first four bytes, first byte lowest and shifted by the same number
/// of bits, equal this word.</summary>
internal static class TagGuess
{
    /// <summary>With <see cref="NoShift"/>, a guess that matches no field, because the shift leaves the lowest bit zero.</summary>
    public const uint NoWord = 1;

    public const uint NoShift = 8;

    /// <param name="field">The first four bytes of a field with such a tag, first byte lowest.</param>
    /// <param name="length">The length of the tag and the equals sign in bytes: 2 to 4.</param>
    public static (uint Word, uint Shift) Of(uint field, int length)
    {
        int shift = 8 * (sizeof(uint) - length);
        return (field << shift, (uint)shift);
    }

    /// <summary>Whether a field with these first four bytes has the guessed tag.</summary>
    public static bool IsOf(uint field, uint word, uint shift)
    {
        return field << (int)shift == word;
    }

    /// <summary>The length of the tag and the equals sign in bytes.</summary>
    public static int LengthOf(uint shift)
    {
        return sizeof(uint) - (int)(shift >> 3);
    }

    /// <summary>The lengths of the tags and their equals signs in bytes.</summary>
    public static Vector512<uint> LengthsOf(Vector512<uint> shifts)
    {
        return Vector512.Create((uint)sizeof(uint)) - (shifts >>> 3);
    }
}
