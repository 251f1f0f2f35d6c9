using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// Writes a message field by field, for a schema known at run time, without intermediate JSON. The result is byte for byte the same as the
/// result of <see cref="EsfJson"/> for the same values in the same order. The message is buffered, up to a limit. The caller ensures that
/// no field is written twice, that no required field is missing, and that text is UTF-8. A method returns false if the message would exceed
/// the limit; the content of the message is then undefined. Reusable. Not thread-safe.
/// </summary>
internal sealed class RecordWriter
{
    private const int FirstBytes = 4_096;

    private readonly int _maxBytes;

    // The bytes after _end are zero, so moving _end forward creates an empty fixed block.
    private byte[] _bytes;
    private int _end;

    /// <summary>Creates a writer.</summary>
    /// <param name="maxBytes">The maximum length of a message.</param>
    public RecordWriter(int maxBytes)
    {
        _maxBytes = Math.Min(maxBytes, EsfLimits.MaxMessageBytes);
        _bytes = new byte[Math.Min(_maxBytes, FirstBytes)];
    }

    /// <summary>The bytes written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _end);

    /// <summary>Writes the header and fixed block of a message at offset 0.</summary>
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

    /// <summary>Writes the fixed block of an object.</summary>
    /// <param name="plan">The record of the object.</param>
    /// <param name="record">The offset of the object.</param>
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

    /// <summary>Reserves space for the item count of an array, or for the length of one of its items.</summary>
    /// <param name="at">The offset of the reserved space.</param>
    public bool TryBeginCounted(out int at)
    {
        at = _end;
        return TryReserve(SequenceWalker.PrefixSize);
    }

    /// <summary>Writes a count or length into the reserved space.</summary>
    public void SetCount(int at, int count) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), count);

    /// <summary>Ends an item of an array: its length is the number of bytes after the reserved space.</summary>
    public void EndItem(int at) => SetCount(at, _end - at - SequenceWalker.PrefixSize);

    /// <summary>Sets the reference of a field to the bytes written since an offset.</summary>
    /// <param name="record">The offset of the field's record.</param>
    /// <param name="field">The field, which is stored by reference.</param>
    /// <param name="begin">The offset at which the value begins.</param>
    public void SetReference(int record, FieldPlan field, int begin) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(record + field.Offset), RecordReads.Reference(begin - record, _end - begin));

    /// <summary>Writes a string field.</summary>
    /// <param name="record">The offset of the field's record.</param>
    /// <param name="field">The field.</param>
    /// <param name="text">The text.</param>
    public bool TryText(int record, FieldPlan field, ReadOnlySpan<byte> text)
    {
        if (text.Length > field.Type.MaxLength || !TryMakeRoom(text.Length))
        {
            return false;
        }

        if (Utf8Copy.Copy(text, _bytes.AsSpan(_end)) == Utf8Copy.Refused)
        {
            return false;
        }

        int begin = _end;
        _end += text.Length;
        SetReference(record, field, begin);
        return true;
    }

    /// <summary>Appends an item of a string array.</summary>
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

    /// <summary>Writes an integer field, which is stored in place.</summary>
    /// <param name="record">The offset of the field's record.</param>
    /// <param name="field">The field.</param>
    /// <param name="isNegative">Whether the value is negative.</param>
    /// <param name="magnitude">The absolute value.</param>
    public bool TryInteger(int record, FieldPlan field, bool isNegative, ulong magnitude) =>
        ScalarBits.TryWriteInteger(field.Type.Kind, isNegative, magnitude, SlotOf(record, field));

    /// <summary>Writes a bool field.</summary>
    public void SetFlag(int record, FieldPlan field, bool value) => SlotOf(record, field)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes an enum field, by the name of its value.</summary>
    public bool TryName(int record, FieldPlan field, ReadOnlySpan<byte> name)
    {
        int ordinal = field.Type.EnumNames!.IndexOf(name);
        ScalarBits.WriteLowBytes((ulong)Math.Max(ordinal, 0), SlotOf(record, field));
        return ordinal >= 0;
    }

    /// <summary>Empties the writer. Overwrites the bytes written, because they may be private.</summary>
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
