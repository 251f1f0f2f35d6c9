using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Esf.Internal;

/// <summary>
/// Writes a message that has been checked anew, in the order of its fields and without gaps, with every private value sealed: what is inside first, then what is around it.
/// The destination may be a mapped file, which outlives a kill in any instant, so no private byte is ever stored there in clear, not even to be sealed in place.
/// </summary>
internal ref struct SealWriter
{
    private readonly Span<byte> _destination;
    private readonly ContentKeys _keys;
    private readonly SealScratch _scratch;
    private readonly int _depth;
    private uint _values;

    public SealWriter(Span<byte> destination, ContentKeys keys, SealScratch scratch)
        : this(destination, keys, scratch, 0, 0)
    {
    }

    private SealWriter(Span<byte> destination, ContentKeys keys, SealScratch scratch, int depth, uint values)
    {
        _destination = destination;
        _keys = keys;
        _scratch = scratch;
        _depth = depth;
        _values = values;
    }

    /// <summary>Bytes written so far.</summary>
    public int End { get; private set; }

    /// <summary>The field that cannot be sealed.</summary>
    public FieldPlan? Culprit { get; private set; }

    public EsfError WriteRecord(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        int start = End;
        if (!TryAppend(record[..plan.FixedLength]))
        {
            return EsfError.DestinationTooSmall;
        }

        foreach (FieldPlan field in plan.Fields)
        {
            EsfError error = field.IsReference && RecordReads.HasReference(record, field.Offset) ? WriteField(field, record, start) : EsfError.None;
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return EsfError.None;
    }

    private EsfError WriteField(FieldPlan field, ReadOnlySpan<byte> record, int start)
    {
        if (field.IsPrivate && RecordReads.IsSealed(record, field.Offset))
        {
            Culprit = field;
            return EsfError.Withheld;
        }

        RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
        int begin = End;
        EsfError error = field.IsPrivate ? WritePrivate(field, region) : WriteValue(field.Type, region);
        if (error == EsfError.None)
        {
            ulong reference = field.IsPrivate ? RecordReads.SealedReferenceTo(begin - start, End - begin) : RecordReads.Reference(begin - start, End - begin);
            BinaryPrimitives.WriteUInt64LittleEndian(_destination[(start + field.Offset)..], reference);
        }

        return error;
    }

    private EsfError WritePrivate(FieldPlan field, ReadOnlySpan<byte> region) =>
        field.Type.HasPrivate ? WriteAround(field, region) : WriteSealed(field, region);

    /// <summary>Seals a value with private fields in it: laid down in memory of the process with these sealed, and from there sealed into its place.</summary>
    private EsfError WriteAround(FieldPlan field, ReadOnlySpan<byte> region)
    {
        int room = _destination.Length - End - SealedValue.Overhead;
        if (room < 0)
        {
            return EsfError.DestinationTooSmall;
        }

        Span<byte> beside = _scratch.Take(_depth, room);
        SealWriter inner = new(beside, _keys, _scratch, _depth + 1, _values);
        try
        {
            EsfError error = inner.WriteValue(field.Type, region);
            Culprit = inner.Culprit;
            _values = inner._values;
            return error == EsfError.None ? WriteSealed(field, beside[..inner.End]) : error;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(beside[..inner.End]);
        }
    }

    private EsfError WriteSealed(FieldPlan field, ReadOnlySpan<byte> content)
    {
        int begin = End;
        if (!TryReserve(SealedValue.Overhead + content.Length))
        {
            return EsfError.DestinationTooSmall;
        }

        if (_values == SealedValue.MaxValues)
        {
            return EsfError.MessageTooLong;
        }

        AesGcm cipher = _keys.Of(field.ReaderGroup, out int key);
        SealedValue.Seal(cipher, key, _values++, content, _destination[begin..End], field.SealedName);
        return EsfError.None;
    }

    private EsfError WriteValue(ValuePlan type, ReadOnlySpan<byte> region) =>
        !type.HasPrivate ? (TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall)
        : type.Record is not null ? WriteRecord(type.Record, region)
        : WriteItems(type, region);

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

        int prefix = End;
        if (!TryReserve(SequenceWalker.PrefixSize))
        {
            return EsfError.DestinationTooSmall;
        }

        EsfError error = WriteValue(type, item);
        BinaryPrimitives.WriteInt32LittleEndian(_destination[prefix..], End - prefix - SequenceWalker.PrefixSize);
        return error;
    }

    private bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        int begin = End;
        if (!TryReserve(bytes.Length))
        {
            return false;
        }

        bytes.CopyTo(_destination[begin..]);
        return true;
    }

    private bool TryReserve(int bytes)
    {
        if (_destination.Length - End < bytes)
        {
            return false;
        }

        End += bytes;
        return true;
    }
}
