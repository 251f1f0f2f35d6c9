using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// A message that is written while its values come, by a schema known at run time and without JSON in between: byte for byte what
/// <see cref="EsfJson"/> makes of the same values in the same order. It is held here, up to a limit. Who writes sees to it that no field is
/// written twice and none is missing, and that text is UTF-8. What does not fit is false, and what was written then means nothing. To be
/// used again and again. Not thread-safe.
/// </summary>
internal sealed class RecordWriter
{
    private const int FirstBytes = 4_096;

    private readonly int _maxBytes;

    // Behind the end all is zero, so that a fixed block is laid down by moving the end.
    private byte[] _bytes;
    private int _end;

    /// <summary>Creates a writer.</summary>
    /// <param name="maxBytes">How long a message may be.</param>
    public RecordWriter(int maxBytes)
    {
        _maxBytes = Math.Min(maxBytes, EsfLimits.MaxMessageBytes);
        _bytes = new byte[Math.Min(_maxBytes, FirstBytes)];
    }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _end);

    /// <summary>Lays down header and fixed block of a message. It stands at 0.</summary>
    public bool TryBeginMessage(EsfSchema schema)
    {
        if (!TryReserve(schema.Plan.FixedLength))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(_bytes, schema.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(8), schema.Shape);
        return true;
    }

    /// <summary>Lays down the fixed block of an object.</summary>
    /// <param name="plan">Its record.</param>
    /// <param name="record">Where it stands.</param>
    public bool TryBeginObject(RecordPlan plan, out int record)
    {
        record = _end;
        bool fits = TryReserve(plan.FixedLength);
        if (fits)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(record), (ushort)plan.FixedLength);
        }

        return fits;
    }

    /// <summary>Leaves room for the count of an array, or for the length of one of its items.</summary>
    /// <param name="at">Where it stands.</param>
    public bool TryBeginCounted(out int at)
    {
        at = _end;
        return TryReserve(SequenceWalker.PrefixSize);
    }

    /// <summary>Says what is in the room that was left.</summary>
    public void SetCount(int at, int count) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), count);

    /// <summary>Ends an item of an array: its length is all behind the room that was left for it.</summary>
    public void EndItem(int at) => SetCount(at, _end - at - SequenceWalker.PrefixSize);

    /// <summary>Has a field refer to what was written from a place on.</summary>
    /// <param name="record">Where its record stands.</param>
    /// <param name="field">The field, held by reference.</param>
    /// <param name="begin">Where its value begins.</param>
    public void SetReference(int record, FieldPlan field, int begin) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(record + field.Offset), RecordReads.Reference(begin - record, _end - begin));

    /// <summary>Writes a field that is text.</summary>
    /// <param name="record">Where its record stands.</param>
    /// <param name="field">The field.</param>
    /// <param name="text">The text.</param>
    public bool TryText(int record, FieldPlan field, ReadOnlySpan<byte> text)
    {
        if (text.Length > field.Type.MaxLength || !TryMakeRoom(text.Length))
        {
            return false;
        }

        int end = Utf8Copy.Append(_bytes.AsSpan(record), field.Offset, _end - record, text);
        _end = end == Utf8Copy.Refused ? _end : record + end;
        return end != Utf8Copy.Refused;
    }

    /// <summary>Appends an item of an array of text.</summary>
    /// <param name="type">The type of the items.</param>
    /// <param name="text">The text.</param>
    public bool TryTextItem(ValuePlan type, ReadOnlySpan<byte> text)
    {
        if (text.Length > type.MaxLength || !TryBeginCounted(out int at) || !TryMakeRoom(text.Length))
        {
            return false;
        }

        text.CopyTo(_bytes.AsSpan(_end));
        _end += text.Length;
        EndItem(at);
        return true;
    }

    /// <summary>Writes a field that is an integer and stands in place.</summary>
    /// <param name="record">Where its record stands.</param>
    /// <param name="field">The field.</param>
    /// <param name="isNegative">Whether it is below 0.</param>
    /// <param name="magnitude">How far from 0.</param>
    public bool TryInteger(int record, FieldPlan field, bool isNegative, ulong magnitude) =>
        ScalarBits.TryWriteInteger(field.Type.Kind, isNegative, magnitude, SlotOf(record, field));

    /// <summary>Writes a field that is a bool.</summary>
    public void SetFlag(int record, FieldPlan field, bool value) => SlotOf(record, field)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a field that is an enum, by the name of its value.</summary>
    public bool TryName(int record, FieldPlan field, ReadOnlySpan<byte> name)
    {
        int ordinal = field.Type.EnumNames!.IndexOf(name);
        ScalarBits.WriteLowBytes((ulong)Math.Max(ordinal, 0), SlotOf(record, field));
        return ordinal >= 0;
    }

    /// <summary>Makes it empty. What was written is overwritten: it may be private.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(0, _end));
        _end = 0;
    }

    private Span<byte> SlotOf(int record, FieldPlan field)
    {
        if (field.PresenceMask != 0)
        {
            _bytes[record + field.PresenceOffset] |= field.PresenceMask;
        }

        return _bytes.AsSpan(record + field.Offset, field.Type.Size);
    }

    private bool TryReserve(int length)
    {
        bool fits = TryMakeRoom(length);
        _end += fits ? length : 0;
        return fits;
    }

    private bool TryMakeRoom(int length) => length <= _bytes.Length - _end || TryGrow(length);

    private bool TryGrow(int length)
    {
        if (length > _maxBytes - _end)
        {
            return false;
        }

        byte[] longer = new byte[(int)Math.Min(_maxBytes, Math.Max(_end + (long)length, 2L * _bytes.Length))];
        Written.CopyTo(longer);
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(0, _end));
        _bytes = longer;
        return true;
    }
}
