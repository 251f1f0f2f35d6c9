using System.Buffers;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>What a trial seals private fields for, and opens them with: keys of its own, which are gone with it.</summary>
internal sealed class TrialKeys : IDisposable
{
    private readonly MlKem1024PublicKey _public;
    private readonly EsfKeyRing _ring;

    public TrialKeys()
    {
        MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        _public = key.PublicKey;

        // Which disposes the key with itself.
        _ring = new EsfKeyRing(key);
    }

    /// <summary>Seals messages of a schema for all of its audiences.</summary>
    /// <exception cref="InvalidOperationException">It has tokenized fields.</exception>
    public EsfSealer SealerFor(EsfSchema schema)
    {
        if (schema.HasTokenizedFields)
        {
            throw new InvalidOperationException(
                $"{schema} has tokenized fields, and a trial has no vault of tokens: run the circuit in a host, or try one that ends "
                + "before they are made.");
        }

        EsfAudienceKeys keys = EsfAudienceKeys.None;
        foreach (string audience in schema.Audiences.Audiences)
        {
            keys = keys.With(audience, _public);
        }

        return new EsfSealer(schema, keys);
    }

    /// <summary>A sealed message in clear, laid out as it would be if it had never been sealed.</summary>
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
            : throw new InvalidOperationException($"What a trial has sealed of {schema} cannot be opened: {status}");
    }

    /// <inheritdoc/>
    public void Dispose() => _ring.Dispose();
}
