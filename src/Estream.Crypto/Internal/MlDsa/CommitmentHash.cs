using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The hash of a message and of the upper parts of w, which a signature begins with.</summary>
internal static class CommitmentHash
{
    /// <summary>Packs the upper parts of the workspace and hashes them.</summary>
    /// <param name="parameters">How they are packed.</param>
    /// <param name="mu">The 64 bytes that stand for message and context.</param>
    /// <param name="workspace">Holds the upper parts.</param>
    /// <param name="hash">Becomes the hash.</param>
    public static void Compute(ParameterSet parameters, ReadOnlySpan<byte> mu, Workspace workspace, Span<byte> hash)
    {
        Span<byte> packed = workspace.Packed[..(parameters.K * parameters.HighBytes)];
        BitPacking.PackBytes(workspace.High[..(parameters.K * Field.N)], parameters.HighBits, packed);
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(mu);
        sponge.Absorb(packed);
        sponge.Squeeze(hash);
    }
}
