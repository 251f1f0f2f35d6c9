using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Opens the sealed messages of a schema, in a copy of its own: whatever the keys of a ring are meant for stands in clear then, everything
/// else is withheld. The bytes of the log stay as they are.
/// </summary>
/// <remarks>
/// One thread at a time. The first message of a writer's session costs a decapsulation for each key of the ring that it is sealed for, some
/// twenty microseconds; the others cost a few for AES and what .NET's cipher takes of the heap for each content key. Every message is
/// checked as <see cref="EsfValidator.Check(EsfSchema, ReadOnlySpan{byte})"/> does, and what was sealed in it too.
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

    /// <summary>A reader of a schema's messages.</summary>
    /// <param name="schema">The schema; messages of other versions of it are opened as far as it knows them.</param>
    /// <param name="keys">The reader's keys, which stay the caller's to dispose, after this.</param>
    /// <param name="vault">Gives the cards that tokens stand for; none by default, and tokens stay. Stays the caller's to dispose, after
    /// this.</param>
    public EsfUnsealer(EsfSchema schema, EsfKeyRing keys, IEsfTokenVault? vault = null)
    {
        _vault = vault;
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(keys);
        Schema = schema;
        _keys = new OpenedKeys(keys);
    }

    /// <summary>A reader for certain audiences: what is for none of them stays withheld, also where the ring has a key for it.</summary>
    /// <param name="schema">As for every reader.</param>
    /// <param name="keys">As for every reader. Where it has no key of an audience, that audience's values are withheld.</param>
    /// <param name="audiences">The audiences. Which messages are for them it says alone; everything that opens asks both.</param>
    /// <param name="vault">As for every reader; numbers of cards are for no audience, but for who has the vault.</param>
    /// <exception cref="ArgumentException">The audiences were not made for this schema.</exception>
    public EsfUnsealer(EsfSchema schema, EsfKeyRing keys, EsfAudienceFilter audiences, IEsfTokenVault? vault = null)
        : this(schema, keys, vault)
    {
        ArgumentNullException.ThrowIfNull(audiences);
        if (!audiences.Knows(schema))
        {
            throw new ArgumentException(
                $"The filter was made for other schemas than {schema}, and would choose none of its messages: make it with this one.",
                nameof(audiences));
        }

        Audiences = audiences;
        _groups = audiences.GroupsOf(schema);
    }

    /// <summary>The audiences it reads for; <see langword="null"/> for whatever its ring has keys for.</summary>
    public EsfAudienceFilter? Audiences { get; }

    /// <summary>The schema whose messages are opened.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Checks a message and opens it as far as there are keys for it. One in clear is copied as it is.</summary>
    /// <param name="message">The message.</param>
    /// <param name="opened">The message in clear, to be read by the same views and fields; valid until the next call or
    /// <see cref="Dispose"/>. Empty after a failure.</param>
    /// <param name="withheld">How many private values are still sealed in it, as far as can be seen: what is inside a withheld value counts
    /// with it.</param>
    /// <returns>
    /// Ok, also when everything is withheld; or what is wrong with the message: <see cref="EsfError.BadSeal"/> when what was sealed for the
    /// ring was changed. A missing key is never a fault.
    /// </returns>
    /// <exception cref="ObjectDisposedException">It, or its ring, is disposed.</exception>
    public EsfStatus Open(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> opened, out int withheld)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        opened = default;
        withheld = 0;

        // A private value in clear would be read by whoever the message comes to, so for an audience there is none.
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

    /// <summary>Overwrites the last message and all keys. Idempotent.</summary>
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

    /// <summary>A token the vault does not know stays.</summary>
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

        // Who sealed it is anybody who has the public key: what comes out is checked like a message from outside.
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
