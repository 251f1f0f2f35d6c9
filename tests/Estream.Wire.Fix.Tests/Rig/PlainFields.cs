using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>The fields of a message, found byte by byte, as the reference for the index.</summary>
internal sealed class PlainFields
{
    private const int MaxTagDigits = 9;

    private readonly byte[] _message;

    private PlainFields(byte[] message)
    {
        _message = message;
    }

    public List<(int Tag, int Start, int Length)> Fields { get; } = [];

    /// <summary>The first error.</summary>
    public FixFault Fault { get; private set; }

    /// <summary>Reads a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="lengths">The tags of the lengths of raw data.</param>
    /// <param name="data">The tags of raw data.</param>
    public static PlainFields Of(byte[] message, int[] lengths, int[] data)
    {
        PlainFields fields = new(message);
        int position = 0;
        while (position < message.Length)
        {
            position = fields.Take(position, lengths, data) + 1;
        }

        if (fields.Fields.Count == 0 || fields.Fields[^1].Tag != Tag.CheckSum || position != message.Length)
        {
            fields.Fail(FixFault.Of(FixRejectReason.RequiredTagMissing, Tag.CheckSum));
        }

        return fields;
    }

    // Returns the end of the field.
    private int Take(int position, int[] lengths, int[] data)
    {
        int end = EndFrom(position);
        int start = ReadTag(position, end, out int tag);
        if (start < 0)
        {
            Fail(FixFault.Of(FixRejectReason.InvalidTag));
            return end;
        }

        if (data.Contains(tag) && Fields.Count > 0 && lengths.Contains(Fields[^1].Tag))
        {
            (int lengthTag, int at, int digits) = Fields[^1];
            if (FixText.TryNumber(_message.AsSpan(at, digits), out long length) && length >= 0 && start + length < _message.Length
                && _message[start + (int)length] == FixText.Soh)
            {
                end = start + (int)length;
            }
            else
            {
                Fail(FixFault.Of(FixRejectReason.IncorrectFormat, lengthTag));
            }
        }

        Fields.Add((tag, start, end - start));
        return end;
    }

    private int EndFrom(int position)
    {
        while (position < _message.Length && _message[position] != FixText.Soh)
        {
            position++;
        }

        return position;
    }

    // Returns the start of the value; -1 if there is no tag.
    private int ReadTag(int position, int end, out int tag)
    {
        tag = 0;
        bool isNegative = position < end && _message[position] == '-';
        int first = position + (isNegative ? 1 : 0);
        int at = first;
        while (at < end && FixText.IsDigit(_message[at]) && at - first < MaxTagDigits)
        {
            tag = (tag * 10) + (_message[at++] - '0');
        }

        tag = isNegative ? -tag : tag;
        bool isTag = at > first && at < end && _message[at] == '=' && (_message[first] != '0' || at == first + 1);
        return isTag ? at + 1 : -1;
    }

    private void Fail(FixFault fault)
    {
        if (!Fault.IsFault)
        {
            Fault = fault;
        }
    }
}
