using System.Security.Cryptography;

namespace Estream.Esf.Internal;

/// <summary>
/// Seals every private value of an unsealed message, inner values first, and replaces card numbers by tokens. The copy may be made in a
/// mapped file, which survives a crash at any instant. Therefore private bytes are never written to the copy unencrypted, not even to be
/// sealed in place.
/// </summary>
internal sealed class SealedValues(ContentKeys keys, IEsfTokenVault? vault) : PrivateValues
{
    private readonly SealScratch _scratch = new();
    private uint _count;
    private int _depth;

    /// <summary>Starts the next message.</summary>
    public void Begin() => (_count, _depth) = (0, 0);

    // A writer may have set the fields of an object in any order. In a sealed message, and in the opened copy, the regions are in the order
    // of the fields.
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

    /// <summary>Seals a value that contains records. Builds it in process memory, in the order of its fields and with private fields
    /// sealed, then seals it into the copy.</summary>
    private EsfError WriteAround(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy)
    {
        // A value without nested private fields does not grow.
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
