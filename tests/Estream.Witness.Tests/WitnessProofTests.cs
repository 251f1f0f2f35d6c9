using Estream.Crypto;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Proofs as they are given away: verified with nothing but the public key, and good for nothing once a bit is changed.</summary>
public sealed class WitnessProofTests : WitnessCase
{
    public WitnessProofTests()
    {
        Append(1_000);
        Witness(Bounded(300));
    }

    [Fact]
    public void Every_message_is_proven_by_the_first_attestation_it_is_in()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(4, prover.Count);
        for (int sequence = 999; sequence >= 0; sequence -= sequence > 20 ? 7 : 1)
        {
            byte[] stored = prover.ProveMessage(sequence).Encoded.ToArray();
            Assert.True(MessageProof.IsOne(stored) && !ConsistencyProof.IsOne(stored));
            Assert.True(MessageProof.TryParse(stored, out MessageProof? proof, out ProofFault fault), fault.ToString());
            Assert.True(proof.Verify(Queue.Id, Key.PublicKey));
            Assert.Equal((sequence, sequence, Math.Min(1_000, 300 * ((sequence / 300) + 1))), (proof.Sequence, proof.Index, proof.Attestation.Head.TreeSize));
            Assert.Equal(Payload(sequence), proof.Payload.ToArray());
            Assert.InRange(proof.Time, 1_700_000_000_000_000_000, Clock.UtcNanos);
        }
    }

    [Fact]
    public void Every_two_attestations_are_proven_to_be_of_one_history()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        for (int later = 0; later < prover.Count; later++)
        {
            for (int earlier = 0; earlier <= later; earlier++)
            {
                byte[] stored = prover.ProveConsistency(earlier, later).Encoded.ToArray();
                Assert.True(ConsistencyProof.IsOne(stored) && !MessageProof.IsOne(stored));
                Assert.True(ConsistencyProof.TryParse(stored, out ConsistencyProof? proof, out ProofFault fault), fault.ToString());
                Assert.True(proof.Verify(Queue.Id, Key.PublicKey));
                Assert.Equal((prover[earlier].Head, prover[later].Head), (proof.Earlier.Head, proof.Later.Head));
            }
        }
    }

    [Fact]
    public void A_changed_byte_proves_nothing()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        byte[] message = prover.ProveMessage(444).Encoded.ToArray(), consistency = prover.ProveConsistency(1, 2).Encoded.ToArray();
        for (int at = 0; at < message.Length; at += at is > 250 and < 4_800 ? 61 : 1)
        {
            message[at] ^= (byte)(1 << (at % 8));
            Assert.False(MessageProof.TryParse(message, out MessageProof? proof, out _) && proof.Verify(Queue.Id, Key.PublicKey), $"byte {at}");
            message[at] ^= (byte)(1 << (at % 8));
        }

        for (int at = 0; at < consistency.Length; at += (at % 4_787) is > 250 and < 4_700 ? 61 : 1)
        {
            consistency[at] ^= (byte)(1 << (at % 8));
            Assert.False(ConsistencyProof.TryParse(consistency, out ConsistencyProof? proof, out _) && proof.Verify(Queue.Id, Key.PublicKey), $"byte {at}");
            consistency[at] ^= (byte)(1 << (at % 8));
        }

        for (int length = 0; length < message.Length; length += 13)
        {
            Assert.False(MessageProof.TryParse(message.AsSpan(0, length), out _, out ProofFault fault));
            Assert.Equal(ProofFault.Length, fault);
        }
    }

    [Fact]
    public void Proofs_of_another_key_or_kind_are_none()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        using MlDsa87PrivateKey other = SampleAttestation.Key(2);
        Assert.False(prover.ProveMessage(1).Verify(Queue.Id, other.PublicKey));
        Assert.False(prover.ProveConsistency(0, 1).Verify(Queue.Id, other.PublicKey));
        Assert.False(prover.ProveMessage(1).Verify(Queue.Id ^ 1, Key.PublicKey));
        Assert.False(prover.ProveConsistency(0, 1).Verify(Queue.Id ^ 1, Key.PublicKey));
        Assert.False(prover.ProveMessage(1).Verify(Queue.Id));
        Assert.False(MessageProof.TryParse(prover.ProveConsistency(0, 1).Encoded, out _, out ProofFault fault));
        Assert.Equal(ProofFault.Kind, fault);
        Assert.Throws<EstreamWitnessException>(() => new WitnessProver(Queue, Attestations, other.PublicKey));
    }

    [Fact]
    public void Attestations_of_two_keys_are_proven_to_be_of_one_history()
    {
        using MlDsa87PrivateKey next = SampleAttestation.Key(2);
        Append(10);
        using (QueueWitness witness = QueueWitness.Open(Queue, Attestations, next, Bounded() with { EarlierKeys = [Key.PublicKey] }))
        {
            witness.RunToEnd();
        }

        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey, next.PublicKey);
        ConsistencyProof proof = prover.ProveConsistency(0, 4);
        Assert.True(proof.Verify(Queue.Id, Key.PublicKey, next.PublicKey));
        Assert.False(proof.Verify(Queue.Id, Key.PublicKey));
        Assert.False(proof.Verify(Queue.Id, next.PublicKey));
    }

    [Fact]
    public void What_is_not_attested_is_not_proven()
    {
        Append(5);
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Throws<ArgumentOutOfRangeException>("sequence", () => prover.ProveMessage(1_000));
        Assert.Throws<ArgumentOutOfRangeException>("sequence", () => prover.ProveMessage(-1));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => prover.ProveConsistency(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>("earlier", () => prover.ProveConsistency(2, 1));
    }

    [Fact]
    public void Nothing_is_proven_of_a_rewritten_queue()
    {
        Rewrite(payloads => payloads[444][9] ^= 1);
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(444)).Fault);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(445)).Fault);
        Assert.True(prover.ProveMessage(1).Verify(Queue.Id, Key.PublicKey));
    }
}
