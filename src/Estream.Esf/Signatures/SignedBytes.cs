using System.Buffers;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>The bytes that the signature of a message covers, in a pooled buffer, and the signature. Dispose it once.</summary>
internal readonly ref struct SignedBytes
{
    private readonly byte[]? _buffer;
    private readonly ReadOnlySpan<byte> _signature;
    private readonly int _length;

    private SignedBytes(EsfSignatureOutcome outcome) => Outcome = outcome;

    private SignedBytes(ReadOnlySpan<byte> message, int offset)
    {
        _length = message.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(_length);
        _signature = message.Slice(offset, EsfLimits.PqSignatureBytes);
        message.CopyTo(_buffer);
        _buffer.AsSpan(offset, EsfLimits.PqSignatureBytes).Clear();
    }

    /// <summary><see cref="EsfSignatureOutcome.Valid"/> if there is a signature to verify; otherwise why there is none.</summary>
    public EsfSignatureOutcome Outcome { get; }

    /// <summary>Checks a message of any content and copies it, with zeros in place of the signature.</summary>
    /// <exception cref="ArgumentException">The schema does not have exactly one signature field.</exception>
    public static SignedBytes Read(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        EsfField field = EsfSignature.FieldOf(schema);
        return !EsfValidator.CheckStored(schema, message).IsOk ? new SignedBytes(EsfSignatureOutcome.InvalidMessage)
            : !EsfSignature.TryFind(field, message, out int offset, out int length) || length == 0
                ? new SignedBytes(EsfSignatureOutcome.NotSigned)
            : length != EsfLimits.PqSignatureBytes ? new SignedBytes(EsfSignatureOutcome.WrongLength)
            : new SignedBytes(message, offset);
    }

    /// <summary>Whether the private key of <paramref name="key"/> made the signature.</summary>
    public bool IsSignedBy(IVerifier key) => key.Verify(_buffer.AsSpan(0, _length), EsfSignature.Context, _signature);

    public void Dispose()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
