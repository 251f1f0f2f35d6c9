using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Computes the commitment hash, the first part of a signature: the hash of a message and the upper parts of w.</summary>
internal static class CommitmentHash
{
    /// <summary>Packs and hashes the upper parts of w in the workspace.</summary>
    /// <param name="parameters">The parameter set, for the packing.</param>
    /// <param name="mu">The message representative μ, 64 bytes.</param>
    /// <param name="workspace">The workspace with the upper parts.</param>
    /// <param name="hash">Receives the hash.</param>
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
