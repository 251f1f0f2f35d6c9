using System.Buffers;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Writes messages as JSON, including the private values that the keys can decrypt. Uses one unsealer per schema.</summary>
/// <param name="ring">The keys. The caller keeps ownership.</param>
/// <param name="audiences">The audiences whose values are decrypted; null for all audiences with a key.</param>
/// <param name="vault">Replaces tokens with card numbers; null to write the tokens.</param>
internal sealed class UnsealedJson(EsfKeyRing ring, EsfAudienceFilter? audiences, IEsfTokenVault? vault) : IDisposable
{
    private readonly Dictionary<ulong, EsfUnsealer> _unsealers = [];

    /// <summary>Writes a message; writes nothing if the message is incomplete.</summary>
    public EsfStatus Write(EsfSchema schema, ReadOnlySpan<byte> message, IBufferWriter<byte> destination)
    {
        if (!_unsealers.TryGetValue(schema.Id, out EsfUnsealer? unsealer))
        {
            _unsealers.Add(schema.Id,
                unsealer = audiences is null ? new EsfUnsealer(schema, ring, vault) : new EsfUnsealer(schema, ring, audiences, vault));
        }

        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        return status.IsOk ? EsfJson.WriteJson(schema, opened, destination, EsfDisclosure.Disclosed) : status;
    }

    /// <summary>Overwrites decrypted values in memory.</summary>
    public void Dispose()
    {
        foreach (EsfUnsealer unsealer in _unsealers.Values)
        {
            unsealer.Dispose();
        }
    }
}
