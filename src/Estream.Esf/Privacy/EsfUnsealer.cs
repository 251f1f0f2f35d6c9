using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Opens the sealed messages of a schema in its own copy. Values that the keys of a ring can open become readable; all other private values
/// are withheld. The bytes of the log do not change.
/// </summary>
/// <remarks>
/// Not thread-safe. The first message of a writer's session costs one decapsulation, about twenty microseconds, per key of the ring that it
/// is sealed for. Later messages cost a few microseconds for AES and the heap that .NET's cipher allocates per content key. Every message
/// is checked like <see cref="EsfValidator.Check(EsfSchema, ReadOnlySpan{byte})"/> does, including the content of opened values.
/// </remarks>
public sealed class EsfUnsealer : IDisposable
{
    private const int LeastBuffer = 4096;

    private readonly OpenedKeys _keys;
    private readonly IEsfTokenVault? _vault;
    private readonly uint _groups = uint.MaxValue;
    private byte[] _buffer = [];
    private int _used;
    private int _withheld;
    private bool _isRelative;
    private FieldPlan? _culprit;
    private bool _disposed;

    /// <summary>Creates an unsealer for a schema's messages.</summary>
    /// <param name="schema">The schema. In messages of other versions, the unsealer opens only the fields of this version.</param>
    /// <param name="keys">The keys of the reader. The caller disposes the ring, after the unsealer.</param>
    /// <param name="vault">The vault that replaces tokens by card numbers. Without a vault, the default, tokens stay. The caller disposes
    /// the vault, after the unsealer.</param>
    public EsfUnsealer(EsfSchema schema, EsfKeyRing keys, IEsfTokenVault? vault = null)
    {
        _vault = vault;
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(keys);
        Schema = schema;
        _keys = new OpenedKeys(keys);
    }

    /// <summary>Creates an unsealer for certain audiences: values for other audiences stay withheld, even if the ring has a key.</summary>
    /// <param name="schema">The schema. In messages of other versions, the unsealer opens only the fields of this version.</param>
    /// <param name="keys">The keys of the reader. If it has no key of an audience, the values of that audience are withheld.</param>
    /// <param name="audiences">The audiences. The unsealer does not skip messages: callers ask the filter which messages match.</param>
    /// <param name="vault">The vault, as in the other constructor. Card numbers depend on the vault, not on audiences.</param>
    /// <exception cref="ArgumentException">The filter was not created for this schema.</exception>
    public EsfUnsealer(EsfSchema schema, EsfKeyRing keys, EsfAudienceFilter audiences, IEsfTokenVault? vault = null)
        : this(schema, keys, vault)
    {
        ArgumentNullException.ThrowIfNull(audiences);
        if (!audiences.Knows(schema))
        {
            throw new ArgumentException(
                $"The filter was not created for {schema}, so it would select none of its messages. Create it with this schema.",
                nameof(audiences));
        }

        Audiences = audiences;
        _groups = audiences.GroupsOf(schema);
    }

    /// <summary>The filter of the audiences whose values are opened; <see langword="null"/> to open every value that the ring has a key
    /// for.</summary>
    public EsfAudienceFilter? Audiences { get; }

    /// <summary>The schema whose messages are opened.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Checks a message and opens every value that the ring has a key for. An unsealed message is copied.</summary>
    /// <param name="message">The message.</param>
    /// <param name="opened">The opened message, for the same views and fields; valid until the next call or <see cref="Dispose"/>. Empty
    /// after a failure.</param>
    /// <param name="withheld">The number of visible private values that are still sealed. Values nested in a withheld value are not counted
    /// separately.</param>
    /// <returns>
    /// Ok, even if every private value is withheld; or the error in the message: <see cref="EsfError.BadSeal"/> if a value or key sealed
    /// for the ring was changed. A missing key is not an error.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The unsealer or its ring is disposed.</exception>
    public EsfStatus Open(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> opened, out int withheld)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        opened = default;
        withheld = 0;

        // An unencrypted private value would bypass the audience restriction, so it is rejected.
        EsfStatus status = Audiences is null ? EsfValidator.Check(Schema, message) : EsfValidator.CheckStored(Schema, message);
        if (!status.IsOk)
        {
            return status;
        }

        try
        {
            EsfError error = OpenChecked(message);
            if (error == EsfError.None)
            {
                opened = _buffer.AsSpan(0, _used);
                withheld = _withheld;
                return EsfStatus.Ok;
            }

            CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, _used));
            return new EsfStatus(error, _culprit, _culprit?.Offset ?? 0);
        }
        finally
        {
            _keys.Clear();
        }
    }

    /// <summary>Overwrites the last message and all keys in memory. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_buffer);
        _keys.Dispose();
    }

    private EsfError OpenChecked(ReadOnlySpan<byte> message)
    {
        (_withheld, _culprit) = (0, null);
        _isRelative = !Schema.IsOwn(message);
        EsfMessageHeader.TryRead(message, out EsfMessageHeader header);
        int end = message.Length;
        if (header.IsSealed)
        {
            SealEnvelope.TryRead(message, header.FixedLength, out SealEnvelope envelope);
            end = envelope.Start;
            if (!_keys.TryTake(envelope))
            {
                return EsfError.BadSeal;
            }
        }

        Span<byte> copy = CopyOf(message[..end]);
        copy[EsfMessageHeader.Length - 1] &= unchecked((byte)~EsfMessageHeader.SealedFlag);
        return OpenRecord(Schema.Plan, copy);
    }

    private Span<byte> CopyOf(ReadOnlySpan<byte> message)
    {
        if (_buffer.Length < message.Length)
        {
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(message.Length, LeastBuffer)),
                pinned: true);
        }
        else if (_used > message.Length)
        {
            CryptographicOperations.ZeroMemory(_buffer.AsSpan(message.Length, _used - message.Length));
        }

        _used = message.Length;
        message.CopyTo(_buffer);
        return _buffer.AsSpan(0, _used);
    }

    /// <summary>Opens a record that has been checked.</summary>
    private EsfError OpenRecord(RecordPlan plan, Span<byte> record)
    {
        int fixedLength = plan.FixedLengthOf(record);
        foreach (FieldPlan field in plan.Fields)
        {
            if (field.End > fixedLength)
            {
                break;
            }

            bool isThere = field.IsReference && RecordReads.HasReference(record, field.Offset);
            EsfError error = !isThere ? EsfError.None
                : field.IsPrivate && RecordReads.IsSealed(record, field.Offset) ? OpenPrivate(field, record)
                : field.IsTokenized ? Detokenize(field, record)
                : MustOpen(field.Type) ? OpenInside(field, record)
                : EsfError.None;
            if (error != EsfError.None)
            {
                _culprit ??= field;
                return error;
            }
        }

        return EsfError.None;
    }

    private bool MustOpen(ValuePlan type) => type.HasPrivate || (type.HasTokenized && _vault is not null);

    /// <summary>Replaces a token by its card number. A token that the vault does not know stays.</summary>
    private EsfError Detokenize(FieldPlan field, Span<byte> record)
    {
        RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
        Span<byte> place = record.Slice((int)RecordReads.OffsetOf(record, field.Offset), region.Length);
        _vault?.TryDetokenize(place, place);
        return EsfError.None;
    }

    private EsfError OpenInside(FieldPlan field, Span<byte> record)
    {
        RecordReads.TryFollow(record, field.Offset, out ReadOnlySpan<byte> region);
        return OpenValue(field.Type, record.Slice((int)RecordReads.OffsetOf(record, field.Offset), region.Length));
    }

    private EsfError OpenPrivate(FieldPlan field, Span<byte> record)
    {
        RecordReads.TryFollowSealed(record, field.Offset, out ReadOnlySpan<byte> found);
        int offset = (int)RecordReads.OffsetOf(record, field.Offset);
        Span<byte> region = record.Slice(offset, found.Length);
        if (region.IsEmpty || _keys.Count == 0 || (_groups >> field.ReaderGroup & 1) == 0)
        {
            _withheld++;
            return EsfError.None;
        }

        int key = SealedValue.KeyOf(region);
        if (key >= _keys.Count)
        {
            return EsfError.BadSeal;
        }

        if (_keys.Find(key) is not { } cipher)
        {
            _withheld++;
            return EsfError.None;
        }

        if (!SealedValue.TryOpen(cipher, region, field.SealedName))
        {
            return EsfError.BadSeal;
        }

        // Anyone with the public key can seal a value, so its content is checked like an untrusted message.
        Span<byte> content = region[SealedValue.NumberBytes..^SealedValue.TagBytes];
        RecordCheck check = new(_isRelative, PrivateRule.Sealed);
        EsfError error = check.CheckRegion(field.Type, content);
        if (error != EsfError.None)
        {
            _culprit = check.Culprit;
            return error;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(record[field.Offset..],
            RecordReads.Reference(offset + SealedValue.NumberBytes, content.Length));
        return MustOpen(field.Type) ? OpenValue(field.Type, content) : EsfError.None;
    }

    private EsfError OpenValue(ValuePlan type, Span<byte> region)
    {
        if (type.Record is not null)
        {
            return OpenRecord(type.Record, region);
        }

        int minItemSize = type.Element!.MinItemSize + (type.Key?.MinItemSize ?? 0);
        SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count; i++)
        {
            if (type.Key is not null)
            {
                walker.TryNext(type.Key, out _);
            }

            walker.TryNext(type.Element, out ReadOnlySpan<byte> item);
            ((ReadOnlySpan<byte>)region).Overlaps(item, out int at);
            EsfError error = OpenValue(type.Element, region.Slice(at, item.Length));
            if (error != EsfError.None)
            {
                return error;
            }
        }

        return EsfError.None;
    }
}
