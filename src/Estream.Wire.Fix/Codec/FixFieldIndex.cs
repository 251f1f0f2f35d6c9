namespace Estream.Wire.Fix.Codec;

/// <summary>Where the fields of one message lie, in the order they came in. Used again for the next message; not thread-safe.</summary>
/// <remarks>
/// Parsing goes on behind what it cannot read and remembers the first such place as <see cref="Fault"/>: the checksum of the message was
/// right, so it has to be rejected by its number and not asked for again.
/// </remarks>
internal sealed class FixFieldIndex
{
    private const int FirstFields = 64;

    private readonly FixDataTags _dataTags;
    private readonly int _maxFields;
    private int[] _tags;
    private int[] _starts;
    private int[] _lengths;
    private int[] _groupEnds;

    /// <param name="dataTags">Which values may contain SOH.</param>
    /// <param name="maxFields">The most fields of a message.</param>
    public FixFieldIndex(FixDataTags dataTags, int maxFields)
    {
        _dataTags = dataTags;
        _maxFields = maxFields;
        int fields = Math.Min(FirstFields, maxFields);
        _tags = new int[fields];
        _starts = new int[fields];
        _lengths = new int[fields];
        _groupEnds = new int[fields];
    }

    public int Count { get; private set; }

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
        return _starts[field];
    }

    public int LengthOf(int field)
    {
        return _lengths[field];
    }

    /// <summary>The first field with a tag, or -1.</summary>
    public int Find(int tag)
    {
        return Tags.IndexOf(tag);
    }

    /// <summary>The first field behind the entries of a group, by its count field; 0 where the field counts nothing or nobody has looked.</summary>
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
        Count = 0;
        Fault = FixFault.None;
        FixFieldEnds ends = new(message);
        int position = 0;
        while (position < message.Length)
        {
            if (Count == _tags.Length && !Grow())
            {
                Fail(FixFault.Of(FixRejectReason.Other));
                return;
            }

            bool isTag = FixText.TryTag(message[position..], out int tag, out int tagLength);
            int start = position + tagLength;
            int end = isTag && _dataTags.IsData(tag) ? EndOfData(message, start, ref ends) : ends.Next();
            if (isTag)
            {
                Add(tag, start, end - start);
            }
            else
            {
                Fail(FixFault.Of(FixRejectReason.InvalidTag));
            }

            position = end + 1;
        }

        if (Count == 0 || _tags[Count - 1] != Tag.CheckSum || position != message.Length)
        {
            // Raw data has taken the end of the message with it.
            Fail(FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.CheckSum));
        }
    }

    private int EndOfData(ReadOnlySpan<byte> message, int start, ref FixFieldEnds ends)
    {
        if (Count > 0 && _dataTags.IsLength(_tags[Count - 1]))
        {
            int lengthField = Count - 1;
            ReadOnlySpan<byte> text = message.Slice(_starts[lengthField], _lengths[lengthField]);
            if (FixText.TryNumber(text, out long length) && length >= 0 && length < message.Length - start
                && message[start + (int)length] == FixText.Soh)
            {
                int end = start + (int)length;
                ends.Pass(end);
                return end;
            }

            Fail(FixFault.Of(FixRejectReason.IncorrectFormat, _tags[lengthField]));
        }

        return ends.Next();
    }

    private void Add(int tag, int start, int length)
    {
        int field = Count;
        _tags[field] = tag;
        _starts[field] = start;
        _lengths[field] = length;
        _groupEnds[field] = 0;
        Count = field + 1;
    }

    private bool Grow()
    {
        if (_tags.Length >= _maxFields)
        {
            return false;
        }

        int fields = Math.Min(_maxFields, _tags.Length * 2);
        Array.Resize(ref _tags, fields);
        Array.Resize(ref _starts, fields);
        Array.Resize(ref _lengths, fields);
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
