using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Fuzz.Witness;

/// <summary>
/// Reads and verifies attestations and proofs that are damaged, truncated or invented. Nothing throws, and only original ones are
/// accepted. A failure names its seed.
/// </summary>
public sealed class WitnessFuzzTests
{
    private const int Size = 1_000;

    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
    private readonly MerkleNodes _nodes = new();

    public WitnessFuzzTests()
    {
        byte[] leaves = new byte[Size * MerkleTree.HashBytes];
        new Random(0).NextBytes(leaves);
        _nodes.Append(leaves);
    }

    [Fact]
    public void A_damaged_attestation_is_rejected_or_its_signature_is_invalid()
    {
        byte[] whole = Attestation.Sign(new TreeHead(OriginKind.Queue, 1, 2, 10, 12, 13, 14), Root(10), _key).Encoded.ToArray();
        int parsed = 0, refused = 0;
        ForEachSeed(LongRun.Count(2_000, 200_000), random =>
        {
            byte[] damaged = Damage.Of(whole, random);
            bool isOne = Attestation.TryParse(damaged, out Attestation? attestation, out AttestationFault fault);
            Assert.Equal(isOne, fault == AttestationFault.None);
            _ = isOne ? parsed++ : refused++;
            if (attestation is not null)
            {
                Assert.True(attestation.Encoded.SequenceEqual(damaged));
                Assert.Equal(damaged.AsSpan().SequenceEqual(whole), attestation.IsSignedBy(_key.PublicKey));
            }
        });
        Assert.True(parsed > 0 && refused > 0, $"{parsed} parsed, {refused} refused: the damage does not produce both outcomes");
    }

    [Fact]
    public void A_damaged_proof_proves_nothing()
    {
        ForEachSeed(LongRun.Count(20_000, 2_000_000), random =>
        {
            int size = random.Next(1, Size + 1), index = random.Next(size), old = random.Next(1, size + 1);
            byte[] leaf = new byte[32], root = Root(size);
            _nodes.GetNode(0, index, leaf);
            Check(MerkleProver.ProveInclusion(_nodes, index, size), proof => MerkleProof.VerifyInclusion(index, size, leaf, proof, root),
                random);
            Check(MerkleProver.ProveConsistency(_nodes, old, size),
                proof => MerkleProof.VerifyConsistency(old, size, Root(old), root, proof), random);
            _ = MerkleProof.VerifyInclusion(random.NextInt64(), random.NextInt64(), leaf, Damage.Of(root, random), Damage.Of(leaf, random));
            _ = MerkleProof.VerifyConsistency(random.NextInt64(), random.NextInt64(), leaf, Damage.Of(root, random),
                Damage.Of(leaf, random));
        });
    }

    [Fact]
    public void Damaged_entries_and_stored_proofs_are_rejected_or_prove_nothing()
    {
        using TempDirectory directory = new();
        using EstreamQueue queue = EstreamQueue.Open(directory.Combine("log")),
            attestations = EstreamQueue.Open(directory.Combine("log.witness"));
        Attest(queue, attestations);

        using QueueTailer tailer = attestations.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Assert.True(tailer.TryRead(out QueueMessage message));
        byte[] entry = message.Payload.ToArray();
        using WitnessProver prover = new(queue, attestations, _key.PublicKey);
        byte[] inclusion = prover.ProveMessage(333).Encoded.ToArray(), consistency = prover.ProveConsistency(0, 1).Encoded.ToArray();
        ForEachSeed(LongRun.Count(3_000, 300_000), random =>
        {
            byte[] damaged = Damage.Of(entry, random);
            Assert.Equal(WitnessEntry.TryParse(damaged, out WitnessEntry? parsed, out WitnessEntryFault fault),
                fault == WitnessEntryFault.None);
            Assert.True(parsed is null || parsed.Encoded.SequenceEqual(damaged));
            damaged = Damage.Of(inclusion, random);
            Assert.Equal(damaged.AsSpan().SequenceEqual(inclusion),
                MessageProof.TryParse(damaged, out MessageProof? one, out _) && one.Verify(queue.Id, _key.PublicKey));
            damaged = Damage.Of(consistency, random);
            Assert.Equal(damaged.AsSpan().SequenceEqual(consistency),
                ConsistencyProof.TryParse(damaged, out ConsistencyProof? both, out _) && both.Verify(queue.Id, _key.PublicKey));
        });
    }

    [Fact]
    public void A_damaged_witness_queue_never_verifies()
    {
        using TempDirectory directory = new();
        using EstreamQueue queue = EstreamQueue.Open(directory.Combine("log")),
            attestations = EstreamQueue.Open(directory.Combine("log.witness"));
        Attest(queue, attestations);

        List<byte[]> entries = [];
        using QueueTailer tailer = attestations.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            entries.Add(message.Payload.ToArray());
        }

        ForEachSeed(LongRun.Count(60, 3_000), random =>
        {
            using TempDirectory another = new();
            using EstreamQueue damaged = EstreamQueue.Open(another.Combine("log.witness"), new QueueOptions { SegmentBytes = 1 << 20 });
            int which = random.Next(entries.Count);
            byte[] entry = Damage.Of(entries[which], random);
            using (QueueAppender appender = damaged.CreateAppender(AppenderMode.Exclusive))
            {
                for (int at = 0; at < entries.Count; at++)
                {
                    appender.Append(at == which ? entry : entries[at]);
                }
            }

            WitnessVerification found = WitnessVerifier.Verify(queue, damaged, _key.PublicKey);
            Assert.True(found.IsWhole == entry.AsSpan().SequenceEqual(entries[which]), found.ToString());
        });
    }

    private void Attest(EstreamQueue queue, EstreamQueue attestations)
    {
        using (QueueAppender appender = queue.CreateAppender())
        {
            for (int at = 0; at < 700; at++)
            {
                appender.Append(BitConverter.GetBytes(at));
            }
        }

        using QueueWitness witness = QueueWitness.Open(queue, attestations, _key, new WitnessOptions { MaxMessages = 300 });
        witness.RunToEnd();
    }

    private static void Check(byte[] proof, Func<byte[], bool> verify, Random random)
    {
        Assert.True(verify(proof));
        if (proof.Length > 0)
        {
            byte[] damaged = Damage.Of(proof, random);
            Assert.Equal(damaged.AsSpan().SequenceEqual(proof), verify(damaged));
        }
    }

    private byte[] Root(long size)
    {
        byte[] root = new byte[MerkleTree.HashBytes];
        MerkleProver.GetRoot(_nodes, size, root);
        return root;
    }

    private static void ForEachSeed(int count, Action<Random> check)
    {
        for (int seed = 0; seed < count; seed++)
        {
            try
            {
                check(new Random(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }
    }
}
