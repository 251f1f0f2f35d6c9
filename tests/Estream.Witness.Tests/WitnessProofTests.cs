using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests proofs as given to recipients. A proof is valid with only the public key, and invalid if any bit is changed.</summary>
public sealed class WitnessProofTests : WitnessCase
{
    public WitnessProofTests()
    {
        Append(1_000);
        Witness(Bounded(300));
    }

    [Fact]
    public void Every_message_is_proven_by_the_first_attestation_that_covers_it()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(3, prover.LastNumber);
        for (int sequence = 999; sequence >= 0; sequence -= sequence > 20 ? 7 : 1)
        {
            byte[] stored = prover.ProveMessage(sequence).Encoded.ToArray();
            Assert.True(MessageProof.IsOne(stored) && !ConsistencyProof.IsOne(stored));
            Assert.True(MessageProof.TryParse(stored, out MessageProof? proof, out ProofFault fault), fault.ToString());
            Assert.True(proof.Verify(Queue.Id, Key.PublicKey));
            Assert.Equal((sequence, sequence, Math.Min(1_000, 300 * ((sequence / 300) + 1))),
                (proof.Sequence, proof.Index, proof.Attestation.Head.TreeSize));
            Assert.Equal(Payload(sequence), proof.Payload.ToArray());
            Assert.InRange(proof.Time, 1_700_000_000_000_000_000, Clock.UtcNanos);
        }
    }

    [Fact]
    public void Every_two_attestations_have_a_valid_consistency_proof()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        for (int later = 0; later <= prover.LastNumber; later++)
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
    public void A_proof_with_a_changed_byte_is_invalid()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        byte[] message = prover.ProveMessage(444).Encoded.ToArray(), consistency = prover.ProveConsistency(1, 2).Encoded.ToArray();
        for (int at = 0; at < message.Length; at += at is > 250 and < 4_800 ? 61 : 1)
        {
            message[at] ^= (byte)(1 << (at % 8));
            Assert.False(MessageProof.TryParse(message, out MessageProof? proof, out _) && proof.Verify(Queue.Id, Key.PublicKey),
                $"byte {at}");
            message[at] ^= (byte)(1 << (at % 8));
        }

        for (int at = 0; at < consistency.Length; at += (at % 4_787) is > 250 and < 4_700 ? 61 : 1)
        {
            consistency[at] ^= (byte)(1 << (at % 8));
            Assert.False(ConsistencyProof.TryParse(consistency, out ConsistencyProof? proof, out _)
                && proof.Verify(Queue.Id, Key.PublicKey), $"byte {at}");
            consistency[at] ^= (byte)(1 << (at % 8));
        }

        for (int length = 0; length < message.Length; length += 13)
        {
            Assert.False(MessageProof.TryParse(message.AsSpan(0, length), out _, out ProofFault fault));
            Assert.Equal(ProofFault.Length, fault);
        }
    }

    [Fact]
    public void Proofs_of_another_key_or_kind_are_invalid()
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
        using WitnessProver distrusting = new(Queue, Attestations, other.PublicKey);
        Assert.Equal(WitnessFault.Signature, Assert.Throws<EstreamWitnessException>(() => distrusting[0]).Fault);
        Assert.Equal(WitnessFault.Signature, Assert.Throws<EstreamWitnessException>(() => distrusting.ProveMessage(1)).Fault);
        Assert.Equal(WitnessFault.Signature, Assert.Throws<EstreamWitnessException>(() => distrusting.ProveConsistency(0, 1)).Fault);
    }

    [Fact]
    public void Attestations_of_two_keys_have_a_valid_consistency_proof()
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
    public void Proving_what_is_not_attested_throws()
    {
        Append(5);
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Throws<ArgumentOutOfRangeException>("sequence", () => prover.ProveMessage(1_000));
        Assert.Throws<ArgumentOutOfRangeException>("sequence", () => prover.ProveMessage(-1));
        Assert.Throws<ArgumentOutOfRangeException>("later", () => prover.ProveConsistency(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>("earlier", () => prover.ProveConsistency(-1, 2));
        Assert.Throws<ArgumentOutOfRangeException>("number", () => prover[4]);
        Assert.Throws<ArgumentOutOfRangeException>("number", () => prover[long.MaxValue]);
        Assert.Throws<ArgumentOutOfRangeException>("earlier", () => prover.ProveConsistency(2, 1));
    }

    // The first messages of an attestation were deleted; whole blocks of its other messages exist. With skipped numbers, a message's number
    // does not determine its leaf.
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Messages_can_be_proven_after_the_first_ones_of_their_attestation_were_deleted(AppenderMode mode)
    {
        const int Attested = 9_000;
        using EstreamQueue witness = EstreamQueue.Open(Beside("small.witness"), Options);
        using (EstreamQueue writing =
            EstreamQueue.Open(Beside("small"), Options with { SegmentBytes = 64 << 10, RetainedBytes = 256 << 10 }))
        using (QueueAppender appender = writing.CreateAppender(mode))
        using (QueueWitness attesting = QueueWitness.Open(writing, witness, Key, Bounded()))
        {
            // The witness's named tailer keeps the messages until they are attested.
            Fill(appender, Attested);
            Assert.Equal(Attested, attesting.RunToEnd());
            Fill(appender, 2_000);
        }

        // A read-only queue deletes nothing: the remaining messages stay.
        using EstreamQueue small = EstreamQueue.OpenReadOnly(Beside("small"));
        using WitnessProver prover = new(small, witness, Key.PublicKey);
        Assert.Equal(0, prover.LastNumber);
        List<long> left = Left(small, prover[0].Head.Sequence);
        int first = Attested - left.Count, block = (first + 255) / 256 * 256;
        Assert.InRange(first, 1, Attested - 600);
        for (int leaf = block; leaf < Attested; leaf += 111)
        {
            MessageProof proof = prover.ProveMessage(left[leaf - first]);
            Assert.True(proof.Index == leaf && proof.Verify(small.Id, Key.PublicKey), $"leaf {leaf}");
        }

        Assert.Equal(WitnessFault.Missing, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(left[0])).Fault);
    }

    // A proof made from a few entries and the messages around the proven message equals the proof from the whole tree.
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 40)]
    [InlineData(3, 700)]
    [InlineData(4, 1_500)]
    public void A_proof_equals_that_of_the_whole_tree_for_any_attestation_sizes(int seed, int largest)
    {
        using EstreamQueue queue = EstreamQueue.Open(Beside("any"), Options), witness = EstreamQueue.Open(Beside("any.witness"), Options);
        var tree = new MerkleNodes();
        var random = new Random(seed);
        using WitnessProver prover = new(queue, witness, Key.PublicKey);
        Assert.Equal(-1, prover.LastNumber);
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            while (tree.Count < Math.Min(largest * 30, 6_000))
            {
                AppendAndAttest(queue, witness, appender, tree, random.Next(1, largest + 1));
            }
        }

        for (int round = 0; round < 300; round++)
        {
            // The prover sees messages and attestations that were appended after it was created.
            long sequence = random.NextInt64(tree.Count), later = random.NextInt64(prover.LastNumber + 1),
            earlier = random.NextInt64(later + 1);
            MessageProof message = prover.ProveMessage(sequence);
            Assert.True(message.Verify(queue.Id, Key.PublicKey));
            Assert.True(message.Encoded.EndsWith(MerkleProver.ProveInclusion(tree, sequence, message.Attestation.Head.TreeSize)));
            ConsistencyProof both = prover.ProveConsistency(earlier, later);
            Assert.True(both.Verify(queue.Id, Key.PublicKey));
            Assert.True(both.Encoded.EndsWith(MerkleProver.ProveConsistency(tree, both.Earlier.Head.TreeSize, both.Later.Head.TreeSize)));
        }
    }

    [Fact]
    public void Messages_attested_after_deleted_attestations_can_be_proven()
    {
        using EstreamQueue queue = EstreamQueue.Open(Beside("kept"), Options);
        using (EstreamQueue writing =
            EstreamQueue.Open(Beside("kept.witness"), Options with { SegmentBytes = 64 << 10, RetainedBytes = 256 << 10 }))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            var tree = new MerkleNodes();
            for (int round = 0; round < 150; round++)
            {
                AppendAndAttest(queue, writing, appender, tree, 10);
            }
        }

        using EstreamQueue witness = EstreamQueue.OpenReadOnly(Beside("kept.witness"));
        using WitnessProver prover = new(queue, witness, Key.PublicKey);
        long oldest = witness.GetInfo().FirstSequence;
        Assert.InRange(oldest, 1, 148);
        for (long number = oldest + 1; number < 150; number++)
        {
            Assert.True(prover.ProveMessage((10 * number) + 3).Verify(queue.Id, Key.PublicKey));
            Assert.True(prover.ProveConsistency(oldest, number).Verify(queue.Id, Key.PublicKey));
        }

        Assert.Equal(10 * (oldest + 1), prover[oldest].Head.TreeSize);
        Assert.Equal(WitnessFault.Missing, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(10 * oldest)).Fault);
        Assert.Equal(WitnessFault.Missing, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(0)).Fault);
        Assert.Throws<ArgumentOutOfRangeException>("number", () => prover[oldest - 1]);
        Assert.Throws<ArgumentOutOfRangeException>("earlier", () => prover.ProveConsistency(oldest - 1, oldest));
    }

    private void AppendAndAttest(EstreamQueue queue, EstreamQueue witness, QueueAppender appender, MerkleNodes tree, int count)
    {
        byte[] hash = new byte[MerkleTree.HashBytes];
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToEnd();
        for (int at = 0; at < count; at++)
        {
            appender.Append(Payload((int)tree.Count + at));
        }

        while (tailer.TryRead(out QueueMessage message))
        {
            MessageLeaf.Hash(message.Sequence, message.Time, message.Payload, hash);
            tree.Append(hash);
        }

        using QueueWitness attesting = QueueWitness.Open(queue, witness, Key, Bounded());
        Assert.Equal(count, attesting.RunToEnd());
    }

    private static void Fill(QueueAppender appender, int count)
    {
        for (int at = 0; at < count; at++)
        {
            appender.Append(Payload(at));
            if (at % 5 == 4)
            {
                // In shared mode, an aborted claim skips its sequence number.
                appender.Claim(8).Dispose();
            }
        }
    }

    private static List<long> Left(EstreamQueue queue, long last)
    {
        List<long> left = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message) && message.Sequence <= last)
        {
            left.Add(message.Sequence);
        }

        return left;
    }

    [Fact]
    public void Proofs_of_a_rewritten_queue_throw()
    {
        Rewrite(payloads => payloads[444][9] ^= 1);
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(444)).Fault);
        Assert.Equal(WitnessFault.Rewritten, Assert.Throws<EstreamWitnessException>(() => prover.ProveMessage(445)).Fault);
        Assert.True(prover.ProveMessage(1).Verify(Queue.Id, Key.PublicKey));
    }
}
