using System.Numerics;
using Estream.Core;

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
    private FieldValue[] _values;
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
        Array.Clear(_groupEnds, 0, Count);
        Count = 0;
        Fault = FixFault.None;
        int position = 0;
        for (int block = 0; block < message.Length; block += SohBits.BlockLength)
        {
            position = TakeBlock(message, block, position);
        }

        if (position < message.Length)
        {
            position = Take(message, position, message.Length);
        }

        if (Count == 0 || _tags[Count - 1] != Tag.CheckSum || position != message.Length)
        {
            // Raw data has taken the end of the message with it.
            Fail(FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.CheckSum));
        }
    }

    /// <summary>Takes the fields that end in a block of <see cref="SohBits"/>.</summary>
    /// <returns>Where the next one begins.</returns>
    private int TakeBlock(ReadOnlySpan<byte> message, int block, int position)
    {
        // Most fields are plain: what they change is kept in registers.
        int[] tags = _tags;
        FieldValue[] values = _values;
        int count = Count;
        int lastWord = message.Length - sizeof(uint);
        for (ulong ends = SohBits.Of(message, block); ends != 0; ends &= ends - 1)
        {
            int end = block + BitOperations.TrailingZeroCount(ends);
            if (end < position)
            {
                // It is part of raw data.
                continue;
            }

            uint first = position <= lastWord ? SpanValue.Read<uint>(message, position) : 0;
            int tag = FixText.ShortTag(first, out int length);
            if (tag != 0 && !_dataTags.IsData(tag) && (uint)count < (uint)tags.Length && (uint)count < (uint)values.Length)
            {
                int start = position + length;
                tags[count] = tag;
                values[count] = new FieldValue(start, end - start);
                count++;
                position = end + 1;
                continue;
            }

            Count = count;
            position = Take(message, position, end);
            (tags, values, count) = (_tags, _values, Count);
        }

        Count = count;
        return position;
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

        _tags[field] = tag;
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

        int fields = Math.Min(_maxFields, _tags.Length * 2);
        Array.Resize(ref _tags, fields);
        Array.Resize(ref _values, fields);
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
