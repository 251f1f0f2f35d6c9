using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Where the fields of one message lie, in the order they came in. Used again for the next message; not thread-safe.</summary>
/// <remarks>
/// Who sends orders sends the same fields in the same order again and again: each field is first held to the one that stood in its place in
/// the message before, and its tag is read only where it is another.
/// Parsing goes on behind what it cannot read and remembers the first such place as <see cref="Fault"/>: the checksum of the message was
/// right, so it has to be rejected by its number and not asked for again.
/// </remarks>
internal sealed class FixFieldIndex
{
    private const int FirstFields = 64;

    private readonly int[] _ends = new int[SohPlaces.MaxPlaces];
    private readonly FixDataTags _dataTags;
    private readonly int _maxFields;
    private int[] _tags;
    private FieldValue[] _values;
    private TagGuess[] _guesses;
    private int[] _groupEnds;

    /// <param name="dataTags">Which values may contain SOH.</param>
    /// <param name="maxFields">The most fields of a message.</param>
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

    /// <summary>Another number whenever the tags are others than those of the message before: what was found out by tags alone holds until
    /// then.</summary>
    public long Shape { get; private set; }

    /// <summary>The days of its fields.</summary>
    public DateCache Days { get; } = new();

    /// <summary>The first thing that could not be read.</summary>
    public FixFault Fault { get; private set; }

    public ReadOnlySpan<int> Tags => _tags.AsSpan(0, Count);

    public int TagOf(int field)
    {
        return Tags[field];
    }

    /// <summary>Where the value of a field starts.</summary>
    public int StartOf(int field)
    {
        return _values[field].Start;
    }

    public int LengthOf(int field)
    {
        return _values[field].Length;
    }

    /// <summary>The first field with a tag, or -1.</summary>
    public int Find(int tag)
    {
        return Tags.IndexOf(tag);
    }

    /// <summary>The first field behind the entries of a group, by its count field; 0 where the field counts nothing or nobody has
    /// looked.</summary>
    public int GroupEnd(int countField)
    {
        return _groupEnds[countField];
    }

    public void SetGroupEnd(int countField, int end)
    {
        _groupEnds[countField] = end;
    }

    /// <summary>Whether a field was read by the length that the field before it says.</summary>
    public bool IsRawDataAt(int field)
    {
        return field > 0 && _dataTags.IsData(_tags[field]) && _dataTags.IsLength(_tags[field - 1]);
    }

    /// <summary>Takes the fields of a message.</summary>
    public void Parse(ReadOnlySpan<byte> message)
    {
        int before = Count;
        Array.Clear(_groupEnds, 0, before);
        Count = 0;
        Fault = FixFault.None;
        int position = 0;
        for (int chunk = 0; chunk < message.Length; chunk += SohPlaces.ChunkLength)
        {
            position = TakeChunk(message, _ends.AsSpan(0, SohPlaces.Find(message, chunk, _ends)), position);
        }

        if (position < message.Length)
        {
            position = Take(message, position, message.Length);
        }

        Shape += Count == before ? 0 : 1;
        if (Count == 0 || _tags[Count - 1] != Tag.CheckSum || position != message.Length)
        {
            // Raw data has taken the end of the message with it.
            Fail(FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.CheckSum));
        }
    }

    /// <summary>Takes the fields that end in a chunk of <see cref="SohPlaces"/>.</summary>
    /// <returns>Where the next one begins.</returns>
    private int TakeChunk(ReadOnlySpan<byte> message, ReadOnlySpan<int> ends, int position)
    {
        int next = 0;
        while (true)
        {
            position = TakeAsBefore(message, ends, ref next, position);
            if (next == ends.Length)
            {
                return position;
            }

            // An end before the position is part of raw data.
            int end = ends[next++];
            if (end >= position)
            {
                position = TakeOther(message, position, end);
            }
        }
    }

    /// <summary>Takes fields for as long as they have the tags of the message before. Calls nothing, so that all it changes is kept in
    /// registers.</summary>
    private int TakeAsBefore(ReadOnlySpan<byte> message, ReadOnlySpan<int> ends, ref int next, int position)
    {
        TagGuess[] guesses = _guesses;
        FieldValue[] values = _values;
        int count = Count;
        int field = next;
        int lastWord = message.Length - sizeof(uint);
        while ((uint)field < (uint)ends.Length && (uint)count < (uint)guesses.Length && (uint)count < (uint)values.Length)
        {
            int end = ends[field];
            if (end < position || position > lastWord || !guesses[count].IsOf(SpanValue.Read<uint>(message, position)))
            {
                break;
            }

            int value = position + guesses[count].Length;
            values[count++] = new FieldValue(value, end - value);
            position = end + 1;
            field++;
        }

        Count = count;
        next = field;
        return position;
    }

    /// <summary>Takes a field whose tag is another one than in the message before.</summary>
    /// <returns>Where the next one begins.</returns>
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

    /// <summary>Takes the field that ends with this SOH, or with a later one.</summary>
    /// <returns>Where the next one begins; behind the message where there is room for no more.</returns>
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

    private readonly record struct FieldValue(int Start, int Length);
}

/// <summary>How a field begins that has a certain tag of one to three digits: the digits and the equals sign, in one word.</summary>
/// <param name="Word">The first four bytes of the field, the first of them lowest; zeros behind the equals sign.</param>
/// <param name="Mask">Which bits of them count.</param>
/// <param name="Length">Bytes of the tag and of the equals sign.</param>
internal readonly record struct TagGuess(uint Word, uint Mask, int Length)
{
    /// <summary>No field begins like this.</summary>
    public static TagGuess None { get; } = new(1, 0, 0);

    /// <param name="field">The first four bytes of a field with such a tag.</param>
    /// <param name="length">Bytes of its tag and of the equals sign: 2 to 4.</param>
    public static TagGuess Of(uint field, int length)
    {
        uint mask = uint.MaxValue >> (32 - (8 * length));
        return new TagGuess(field & mask, mask, length);
    }

    /// <summary>Whether a field with these first four bytes begins like this.</summary>
    public bool IsOf(uint field)
    {
        return (field & Mask) == Word;
    }
}
