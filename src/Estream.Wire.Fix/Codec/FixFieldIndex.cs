using System.Runtime.CompilerServices;
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

    private readonly byte[] _ends = new byte[SohPlaces.MaxPlaces];
    private readonly FixDataTags _dataTags;
    private readonly int _maxFields;
    private int[] _tags;
    private FieldValue[] _values;
    private TagGuess[] _guesses;
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
        _values = new FieldValue[fields];
        _guesses = new TagGuess[fields];
        Array.Fill(_guesses, TagGuess.None);
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

    public ReadOnlySpan<FieldValue> Values => _values.AsSpan(0, Count);

    public int TagOf(int field)
    {
        return Tags[field];
    }

    /// <summary>The offset of a field's value in the message.</summary>
    public int StartOf(int field)
    {
        return _values[field].Start;
    }

    public int LengthOf(int field)
    {
        return _values[field].Length;
    }

    /// <summary>The value of the field at an index if the field has this tag; otherwise an empty value.</summary>
    public FieldValue ValueAt(int field, int tag)
    {
        return field < Count && _tags[field] == tag ? _values[field] : default;
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
            position = TakeChunk(message, chunk, _ends.AsSpan(0, SohPlaces.Find(message, chunk, _ends)), position);
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
    private int TakeChunk(ReadOnlySpan<byte> message, int chunk, ReadOnlySpan<byte> ends, int position)
    {
        int next = 0;
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
        int most = Math.Min(ends.Length - next, _values.Length - Count);
        ReadOnlySpan<byte> rest = ends.Slice(next, most);
        ReadOnlySpan<TagGuess> guesses = _guesses.AsSpan(Count, most);
        Span<FieldValue> values = _values.AsSpan(Count, most);
        if (most == 0 || chunk + rest[0] < position)
        {
            return position;
        }

        int taken = 0;
        while (taken < most)
        {
            // The same condition as in Read, so that the compiler checks it once.
            if ((uint)position + (ulong)sizeof(uint) > (uint)message.Length
                || !guesses[taken].IsOf(SpanValue.Read<uint>(message, position)))
            {
                break;
            }

            int end = chunk + rest[taken];
            int value = position + guesses[taken].Length;
            values[taken] = new FieldValue(value, end - value);
            position = end + 1;
            taken++;
        }

        Count += taken;
        next += taken;
        return position;
    }

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
        _guesses[field] = TagGuess.Of(first, length);
        _values[field] = new FieldValue(start, end - start);
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
        _guesses[field] = TagGuess.None;
        _values[field] = new FieldValue(start, end - start);
        Count = field + 1;
        return end + 1;
    }

    private int EndOfData(ReadOnlySpan<byte> message, int start, int end)
    {
        if (Count == 0 || !_dataTags.IsLength(_tags[Count - 1]))
        {
            return end;
        }

        FieldValue said = _values[Count - 1];
        if (FixText.TryNumber(message.Slice(said.Start, said.Length), out long length) && length >= 0 && length < message.Length - start
            && message[start + (int)length] == FixText.Soh)
        {
            return start + (int)length;
        }

        Fail(FixFault.Of(FixRejectReason.IncorrectFormat, _tags[Count - 1]));
        return end;
    }

    private bool Grow()
    {
        if (_tags.Length >= _maxFields)
        {
            return false;
        }

        int before = _tags.Length;
        int fields = Math.Min(_maxFields, before * 2);
        Array.Resize(ref _tags, fields);
        Array.Resize(ref _values, fields);
        Array.Resize(ref _guesses, fields);
        Array.Fill(_guesses, TagGuess.None, before, fields - before);
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
/// <param name="Start">The offset of the value.</param>
/// <param name="Length">The length of the value in bytes.</param>
internal readonly record struct FieldValue(int Start, int Length);

/// <summary>The first bytes of a field with a tag of one to three digits: the digits and the equals sign in one word.</summary>
/// <param name="Word">The first four bytes of the field, first byte lowest, shifted so that the equals sign is the highest byte.</param>
/// <param name="Shift">The number of bits by which the first bytes of a field are shifted before the comparison.</param>
/// <param name="Length">The length of the tag and the equals sign in bytes.</param>
internal readonly record struct TagGuess(uint Word, byte Shift, byte Length)
{
    /// <summary>A guess that matches no field, because the shift leaves the lowest bit zero.</summary>
    public static TagGuess None { get; } = new(1, 8, 0);

    /// <param name="field">The first four bytes of a field with such a tag, first byte lowest.</param>
    /// <param name="length">The length of the tag and the equals sign in bytes: 2 to 4.</param>
    public static TagGuess Of(uint field, int length)
    {
        int shift = 8 * (sizeof(uint) - length);
        return new TagGuess(field << shift, (byte)shift, (byte)length);
    }

    /// <summary>Whether a field with these first four bytes has the tag.</summary>
    public bool IsOf(uint field)
    {
        return field << Shift == Word;
    }
}
