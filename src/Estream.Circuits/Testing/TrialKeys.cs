using System.Buffers;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>The temporary keys with which a trial seals and opens private fields.</summary>
internal sealed class TrialKeys : IDisposable
{
    private readonly MlKem1024PublicKey _public;
    private readonly EsfKeyRing _ring;

    public TrialKeys()
    {
        MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        _public = key.PublicKey;

        // The ring disposes the key together with itself.
        _ring = new EsfKeyRing(key);
    }

    /// <summary>Returns a sealer for all audiences of a schema.</summary>
    /// <exception cref="InvalidOperationException">The schema has tokenized fields.</exception>
    public EsfSealer SealerFor(EsfSchema schema)
    {
        if (schema.HasTokenizedFields)
        {
            throw new InvalidOperationException(
                $"{schema} has tokenized fields, but a trial has no token vault. Run the circuit in a host, or test a circuit that "
                + "does not produce them.");
        }

        EsfAudienceKeys keys = EsfAudienceKeys.None;
        foreach (string audience in schema.Audiences.Audiences)
        {
            keys = keys.With(audience, _public);
        }

        return new EsfSealer(schema, keys);
    }

    /// <summary>Decrypts a sealed message, and lays it out as a message that was never sealed.</summary>
    public byte[] Open(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        using EsfUnsealer unsealer = new(schema, _ring);
        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        ArrayBufferWriter<byte> json = new();
        status = status.IsOk ? EsfJson.WriteJson(schema, opened, json, EsfDisclosure.Disclosed) : status;
        byte[] clear = new byte[message.Length];
        int length = 0;
        status = status.IsOk ? EsfJson.TryEncode(schema, json.WrittenSpan, clear, out length) : status;
        return status.IsOk
            ? clear[..length]
            : throw new InvalidOperationException($"A message of {schema} that the trial sealed cannot be decrypted: {status}");
    }

    /// <inheritdoc/>
    public void Dispose() => _ring.Dispose();
}
