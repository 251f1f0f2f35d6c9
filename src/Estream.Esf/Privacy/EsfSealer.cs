using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Seals the private fields of messages of one schema, and replaces card numbers by tokens. Each value is encrypted with AES-256-GCM, under
/// a content key generated for this message and the group of the value's readers. Each reader gets its content keys under ML-KEM-1024. A
/// reader without any content key can still read the public fields.
/// </summary>
/// <remarks>
/// Not thread-safe. ML-KEM runs once per reader's key, and again after 2^20 messages or an hour. Each message costs a few microseconds for
/// AES and, per content key, the 200 to 300 bytes of heap that .NET's cipher allocates. Sealing adds 20 bytes per value and about 1,640
/// bytes per reader's key. Sealed values are confidential, and readers detect every change. Sealing does not authenticate the writer,
/// because public keys are public. See docs/formats/esf.md, "Privacy".
/// </remarks>
public sealed class EsfSealer : IDisposable
{
    private static readonly TimeSpan s_sessionTime = TimeSpan.FromHours(1);

    private readonly SealTarget[] _targets;
    private readonly SealRandomness _randomness;
    private readonly ContentKeys _keys;
    private readonly SealedValues _values;
    private readonly TimeProvider _time;
    private readonly SealGrowth _growth;
    private readonly int _longestEnvelope;
    private readonly ulong _sessionMessages;
    private readonly IEsfTokenVault? _vault;
    private SealSession? _session;
    private long _sessionStart;
    private bool _disposed;

    /// <summary>Creates a sealer for the messages of a schema.</summary>
    /// <param name="schema">The schema, in exactly the version of the messages.</param>
    /// <param name="keys">The keys of all audiences of its private fields. Keys of other audiences are ignored.</param>
    /// <param name="time">The clock for the one-hour limit of a session; the system clock by default.</param>
    /// <param name="vault">The vault of card tokens; required if the schema has tokenized fields. The caller disposes it, after the
    /// sealer.</param>
    /// <exception cref="EsfKeyException">An audience of the schema has no key, or the audiences together have too many.</exception>
    /// <exception cref="ArgumentException">The schema has tokenized fields and there is no vault.</exception>
    public EsfSealer(EsfSchema schema, EsfAudienceKeys keys, TimeProvider? time = null, IEsfTokenVault? vault = null)
        : this(schema, keys, time, SealRandomness.System, SealSession.MaxMessages, vault)
    {
    }

    internal EsfSealer(EsfSchema schema, EsfAudienceKeys keys, TimeProvider? time, SealRandomness randomness, ulong sessionMessages,
        IEsfTokenVault? vault = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(keys);
        if (schema.HasTokenizedFields && vault is null)
        {
            throw new ArgumentException(
                $"{schema} has tokenized fields, and card numbers are never stored. Pass the vault of their tokens.", nameof(vault));
        }

        Schema = schema;
        _time = time ?? TimeProvider.System;
        _randomness = randomness;
        _sessionMessages = sessionMessages;
        _keys = new ContentKeys(randomness);
        _values = new SealedValues(_keys, vault);
        _vault = vault;
        _targets = TargetsOf(schema, keys);
        _growth = SealGrowth.Of(schema.Plan);
        _longestEnvelope = SealEnvelope.LengthFor([.. _targets.Select(target => target.Groups)]);
    }

    /// <summary>The schema whose messages are sealed.</summary>
    public EsfSchema Schema { get; }

    /// <summary>Returns the maximum total length of messages after sealing, in bytes.</summary>
    /// <param name="length">The total length of the unsealed messages.</param>
    /// <param name="messages">The number of messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is negative, or so large that no buffer can hold the messages.</exception>
    public int MaxSealedLength(int length, int messages = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(messages);
        long most = length;
        if (_targets.Length > 0)
        {
            most += (_growth.MostValues(length, messages) * SealedValue.Overhead) + ((long)_longestEnvelope * messages);
        }

        return most <= Array.MaxLength
            ? (int)most
            : throw new ArgumentOutOfRangeException(nameof(length), length, "Sealed messages of this length do not fit into any buffer.");
    }

    /// <summary>Seals a message.</summary>
    /// <param name="message">An unsealed message of exactly this version of the schema.</param>
    /// <param name="destination">Receives the sealed message; must not overlap the message. <see cref="MaxSealedLength"/> bytes are always
    /// enough. Cleared after a failure.</param>
    /// <param name="written">The number of bytes written; 0 after a failure.</param>
    /// <returns>Ok, or the error in the message. A message whose private fields are all absent is written without an envelope.</returns>
    /// <exception cref="ObjectDisposedException">The sealer is disposed.</exception>
    public EsfStatus Seal(ReadOnlySpan<byte> message, Span<byte> destination, out int written)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        EsfStatus status = Check(message);
        if (status.IsOk)
        {
            status = SealChecked(message,
                destination.Length > EsfLimits.MaxMessageBytes ? destination[..EsfLimits.MaxMessageBytes] : destination, out written);
        }
        else
        {
            written = 0;
        }

        if (!status.IsOk)
        {
            CryptographicOperations.ZeroMemory(destination);
        }

        return status;
    }

    /// <summary>Whether a message to be sealed may have this text in a tokenized field: the text is a card number or a token of the vault.
    /// Creates no token.</summary>
    /// <param name="text">The text in UTF-8.</param>
    public bool TakesCard(ReadOnlySpan<byte> text)
    {
        if (!EsfCardNumber.IsTokenShaped(text))
        {
            return EsfCardNumber.IsCard(text);
        }

        Span<byte> card = stackalloc byte[EsfCardNumber.MaxDigits];
        bool isKnown = _vault?.TryDetokenize(text, card[..text.Length]) ?? false;
        CryptographicOperations.ZeroMemory(card);
        return isKnown;
    }

    /// <summary>Overwrites the keys in memory. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        _keys.Dispose();
        _session?.Dispose();
    }

    private EsfStatus Check(ReadOnlySpan<byte> message)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header))
        {
            return new EsfStatus(EsfError.Truncated);
        }

        // Private fields that a later version appended could not be found in the message.
        return header.SchemaId != Schema.Id ? new EsfStatus(EsfError.WrongSchema)
            : header.IsSealed ? new EsfStatus(EsfError.AlreadySealed)
            : EsfValidator.Check(Schema, message);
    }

    private EsfStatus SealChecked(ReadOnlySpan<byte> message, Span<byte> destination, out int written)
    {
        written = 0;
        try
        {
            _values.Begin();
            RecordCopy writer = new(destination, _values);
            EsfError error = writer.WriteRecord(Schema.Plan, message);
            int end = writer.End;
            if (error == EsfError.None && _keys.Count > 0)
            {
                int envelope = Session().WriteEnvelope(_keys, destination[end..]);
                destination[EsfMessageHeader.Length - 1] |= EsfMessageHeader.SealedFlag;
                error = envelope == 0 ? EsfError.DestinationTooSmall : EsfError.None;
                end += envelope;
            }

            if (error != EsfError.None)
            {
                error = error == EsfError.DestinationTooSmall && destination.Length == EsfLimits.MaxMessageBytes
                    ? EsfError.MessageTooLong
                    : error;
                return new EsfStatus(error, writer.Culprit, writer.Culprit?.Offset ?? 0);
            }

            written = end;
            return EsfStatus.Ok;
        }
        finally
        {
            _keys.Clear();
        }
    }

    private SealSession Session()
    {
        if (_session is null || _session.Messages == _sessionMessages || _time.GetElapsedTime(_sessionStart) >= s_sessionTime)
        {
            _session?.Dispose();
            _session = new SealSession(_targets, _randomness);
            _sessionStart = _time.GetTimestamp();
        }

        return _session;
    }

    private static SealTarget[] TargetsOf(EsfSchema schema, EsfAudienceKeys keys)
    {
        SortedDictionary<ulong, SealTarget> targets = [];
        foreach (string audience in schema.Audiences.Audiences)
        {
            uint groups = 0;
            for (int i = 0; i < schema.Audiences.Groups.Count; i++)
            {
                groups |= schema.Audiences.Groups[i].Contains(audience) ? 1u << i : 0;
            }

            IReadOnlyList<MlKem1024PublicKey> known = keys.Of(audience);
            if (known.Count == 0)
            {
                throw new EsfKeyException(
                    $"{schema.QualifiedName} has private fields for the audience '{audience}', but there is no key for it. Add "
                    + $"'{audience}{KeyFolder.PublicEnding}' to the keys.", null, audience);
            }

            foreach (MlKem1024PublicKey key in known)
            {
                ulong id = KeyEncryption.IdOf(key);
                targets[id] = targets.TryGetValue(id, out SealTarget? same) ? same.For(key, groups) : new SealTarget(id, key, groups);
            }
        }

        return targets.Count <= EsfLimits.MaxRecipients
            ? [.. targets.Values]
            : throw new EsfKeyException(
                $"The audiences of {schema.QualifiedName} have {targets.Count} keys, but a message can be sealed for at most "
                + $"{EsfLimits.MaxRecipients}. Let the holders of an audience share one key.", null);
    }
}
