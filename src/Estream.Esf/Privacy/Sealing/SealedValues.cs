using System.Security.Cryptography;

namespace Estream.Esf.Internal;

/// <summary>
/// Seals every private value of a message in clear: what is inside first, then what is around it. The copy may be made in a mapped file,
/// which outlives a kill in any instant, so no private byte is ever stored there in clear, not even to be sealed in place. In the place of
/// the numbers of cards it writes their tokens.
/// </summary>
internal sealed class SealedValues(ContentKeys keys, IEsfTokenVault? vault) : PrivateValues
{
    private readonly SealScratch _scratch = new();
    private uint _count;
    private int _depth;

    /// <summary>Begins another message.</summary>
    public void Begin() => (_count, _depth) = (0, 0);

    // Whoever wrote the message may have set the fields of an object in any order. In a sealed message, and in what is opened of it, they
    // stand in theirs.
    public override bool OrdersRecords => true;

    public override EsfError Write(FieldPlan field, ReadOnlySpan<byte> record, ref RecordCopy copy)
    {
        if (RecordReads.IsSealed(record, field.Offset))
        {
            copy.Culprit = field;
            return EsfError.Withheld;
        }

        RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
        return field.Type.HasRecords ? WriteAround(field, region, ref copy) : WriteSealed(field, region, ref copy);
    }

    public override EsfError WriteTokenized(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy)
    {
        copy.Culprit = field;
        if (!copy.TryReserve(region.Length, out Span<byte> place))
        {
            return EsfError.DestinationTooSmall;
        }

        switch (vault!.Tokenize(region, place))
        {
            case EsfTokenOutcome.Ok:
                copy.Culprit = null;
                return EsfError.None;
            case EsfTokenOutcome.NoneLeft:
                return EsfError.NoTokenLeft;
            default:
                return EsfError.NotACard;
        }
    }

    /// <summary>Seals a value with records in it: laid down in memory of the process in the order of their fields, with private ones
    /// sealed, and from there sealed into its place.</summary>
    private EsfError WriteAround(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy)
    {
        // Without private fields in it a value does not grow.
        int room = field.Type.HasPrivate ? copy.Left - SealedValue.Overhead : Math.Min(copy.Left - SealedValue.Overhead, region.Length);
        if (room < 0)
        {
            return EsfError.DestinationTooSmall;
        }

        Span<byte> beside = _scratch.Take(_depth, room);
        RecordCopy inner = new(beside, this);
        _depth++;
        try
        {
            EsfError error = inner.WriteValue(field.Type, region);
            copy.Culprit = inner.Culprit;
            return error == EsfError.None ? WriteSealed(field, beside[..inner.End], ref copy) : error;
        }
        finally
        {
            _depth--;
            CryptographicOperations.ZeroMemory(beside[..inner.End]);
        }
    }

    private EsfError WriteSealed(FieldPlan field, ReadOnlySpan<byte> content, ref RecordCopy copy)
    {
        if (!copy.TryReserve(SealedValue.Overhead + content.Length, out Span<byte> place))
        {
            return EsfError.DestinationTooSmall;
        }

        if (_count == SealedValue.MaxValues)
        {
            return EsfError.MessageTooLong;
        }

        AesGcm cipher = keys.Of(field.ReaderGroup, out int key);
        SealedValue.Seal(cipher, key, _count++, content, place, field.SealedName);
        return EsfError.None;
    }
}
