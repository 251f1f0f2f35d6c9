using System.Buffers.Binary;

namespace Estream.Esf.Internal;

/// <summary>Writes a checked message again, in the order of its fields and without gaps. The caller decides how private values are
/// written.</summary>
internal ref struct RecordCopy
{
    private readonly Span<byte> _destination;
    private readonly PrivateValues _values;

    public RecordCopy(Span<byte> destination, PrivateValues values)
    {
        _destination = destination;
        _values = values;
    }

    /// <summary>The number of bytes written so far.</summary>
    public int End { get; private set; }

    /// <summary>The number of bytes that can still be written.</summary>
    public readonly int Left => _destination.Length - End;

    /// <summary>The field that could not be copied.</summary>
    public FieldPlan? Culprit { get; set; }

    /// <summary>The content keys of the sealed values in the copy, as bits; all bits if a value may contain other keys.</summary>
    public uint Keys { get; set; }

    public EsfError WriteRecord(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        int start = End;
        if (!TryAppend(record[..plan.FixedLength]))
        {
            return EsfError.DestinationTooSmall;
        }

        foreach (FieldPlan field in plan.Fields)
        {
            EsfError error = field.IsReference && RecordReads.HasReference(record, field.Offset)
                ? WriteField(field, record, start)
                : EsfError.None;
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return EsfError.None;
    }

    /// <summary>Writes the region of a value.</summary>
    public EsfError WriteValue(ValuePlan type, ReadOnlySpan<byte> region) =>
        !type.HasPrivate && !type.HasTokenized && !(_values.OrdersRecords && type.HasRecords)
            ? (TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall)
        : type.Record is not null ? WriteRecord(type.Record, region)
        : WriteItems(type, region);

    /// <summary>Appends bytes unchanged.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length, out Span<byte> place))
        {
            return false;
        }

        bytes.CopyTo(place);
        return true;
    }

    /// <summary>Reserves bytes for the caller to write.</summary>
    public bool TryReserve(int bytes, out Span<byte> place)
    {
        bool fits = Left >= bytes;
        place = fits ? _destination.Slice(End, bytes) : default;
        End += place.Length;
        return fits;
    }

    private EsfError WriteField(FieldPlan field, ReadOnlySpan<byte> record, int start)
    {
        int begin = End;
        EsfError error;
        if (field.IsPrivate)
        {
            error = _values.Write(field, record, ref this);
        }
        else
        {
            RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
            error = field.IsTokenized ? _values.WriteTokenized(field, region, ref this) : WriteValue(field.Type, region);
        }

        if (error == EsfError.None)
        {
            ulong reference = field.IsPrivate
                ? RecordReads.SealedReferenceTo(begin - start, End - begin)
                : RecordReads.Reference(begin - start, End - begin);
            BinaryPrimitives.WriteUInt64LittleEndian(_destination[(start + field.Offset)..], reference);
        }

        return error;
    }

    private EsfError WriteItems(ValuePlan type, ReadOnlySpan<byte> region)
    {
        if (!TryAppend(region[..SequenceWalker.PrefixSize]))
        {
            return EsfError.DestinationTooSmall;
        }

        int minItemSize = type.Element!.MinItemSize + (type.Key?.MinItemSize ?? 0);
        SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count; i++)
        {
            EsfError error = type.Key is null ? EsfError.None : WriteItem(type.Key, ref walker);
            error = error == EsfError.None ? WriteItem(type.Element, ref walker) : error;
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return EsfError.None;
    }

    private EsfError WriteItem(ValuePlan type, ref SequenceWalker walker)
    {
        walker.TryNext(type, out ReadOnlySpan<byte> item);
        if (type.Size != 0)
        {
            return TryAppend(item) ? EsfError.None : EsfError.DestinationTooSmall;
        }

        if (!TryReserve(SequenceWalker.PrefixSize, out Span<byte> length))
        {
            return EsfError.DestinationTooSmall;
        }

        int begin = End;
        EsfError error = WriteValue(type, item);
        BinaryPrimitives.WriteInt32LittleEndian(length, End - begin);
        return error;
    }
}
