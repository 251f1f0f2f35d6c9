using Estream.Crypto;

namespace Estream.Replication;

/// <summary>The proofs of one member for all partitions of a round. The member publishes the ticket; it contains no secret.</summary>
/// <param name="Member">The name of the member.</param>
/// <param name="Proofs">The proof of each partition, <see cref="Ecvrf.ProofBytes"/> bytes each.</param>
public sealed record PlacementTicket(string Member, IReadOnlyList<ReadOnlyMemory<byte>> Proofs)
{
    /// <summary>Computes the ticket of a member. Takes about a millisecond for each partition.</summary>
    /// <param name="round">The round.</param>
    /// <param name="member">The name of the member.</param>
    /// <param name="key">The key of the member, of the suite <see cref="EcvrfSuite.TryAndIncrement"/>, used for nothing else.</param>
    /// <exception cref="ArgumentException">A value of the round is out of range, or the key has another suite.</exception>
    public static PlacementTicket Create(PlacementRound round, string member, EcvrfPrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(round);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentException.ThrowIfNullOrEmpty(member);
        round.Validate();
        if (key.PublicKey.Suite != EcvrfSuite.TryAndIncrement)
        {
            throw new ArgumentException(
                $"The key has the suite {key.PublicKey.Suite}. Placement needs a key of {EcvrfSuite.TryAndIncrement}.", nameof(key));
        }

        byte[] output = new byte[Ecvrf.OutputBytes];
        ReadOnlyMemory<byte>[] proofs = new ReadOnlyMemory<byte>[round.Partitions];
        for (int partition = 0; partition < proofs.Length; partition++)
        {
            byte[] proof = new byte[Ecvrf.ProofBytes];
            key.Prove(round.InputOf(partition), proof, output);
            proofs[partition] = proof;
        }

        return new PlacementTicket(member, proofs);
    }
}
