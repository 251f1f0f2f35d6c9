using System.Buffers;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Writes messages as JSON with the private values that keys open, each schema's with an unsealer of its own.</summary>
/// <param name="ring">The keys; they stay the caller's.</param>
/// <param name="audiences">Whose values are opened; null for whatever there are keys for.</param>
/// <param name="vault">Gives the cards that tokens stand for; null to write tokens.</param>
internal sealed class UnsealedJson(EsfKeyRing ring, EsfAudienceFilter? audiences, IEsfTokenVault? vault) : IDisposable
{
    private readonly Dictionary<ulong, EsfUnsealer> _unsealers = [];

    /// <summary>Writes a message, or nothing of one that is not whole.</summary>
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

    /// <summary>Overwrites what was opened.</summary>
    public void Dispose()
    {
        foreach (EsfUnsealer unsealer in _unsealers.Values)
        {
            unsealer.Dispose();
        }
    }
}
