using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests state proofs as given to recipients. A proof is valid with only the public key, and invalid if any bit is
/// changed.</summary>
public sealed class StateProofTests : StateCase
{
    private const int Head = 48, KeyOffset = Head + 4_787;

    public StateProofTests()
    {
        AppendEvents(400);
        Witness(Stateful(100));
    }

    [Fact]
    public void Every_key_has_a_valid_proof_of_its_value_at_each_attestation()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        foreach (int attestation in new int[] { 0, 1, 3, 2, 2 })
        {
            NaiveState then = StateAfter(100 * (attestation + 1));
            int held = 0, absent = 0;
            for (int number = 0; number < 210; number += 7)
            {
                byte[] key = NaiveState.Key(number), stored = prover.ProveState(key, attestation).Encoded.ToArray();
                Assert.True(StateProof.IsOne(stored) && !MessageProof.IsOne(stored) && !ConsistencyProof.IsOne(stored));
                Assert.True(StateProof.TryParse(stored, out StateProof? proof, out ProofFault fault), fault.ToString());
                bool isHeld = then.TryGet(key, out (long Version, long Ends, byte[] Value) entry);
                Assert.Equal(isHeld ? StateAnswer.Held : StateAnswer.Absent, proof.Verify(Queue.Id, Key.PublicKey));
                Assert.Equal((entry.Version, entry.Ends), (proof.Version, proof.ExpiresAt));
                Assert.Equal(entry.Value ?? [], proof.Value.ToArray());
                Assert.Equal(key, proof.Key.ToArray());
                Assert.Equal(100 * (attestation + 1), proof.Attestation.Head.TreeSize);
                _ = isHeld ? held++ : absent++;
            }

            Assert.True(held > 0 && absent > 0);
        }

        Assert.Equal(prover.ProveState("key 1"u8, 3).Encoded.ToArray(), prover.ProveState("key 1"u8).Encoded.ToArray());
    }

    [Fact]
    public void The_bytes_match_the_format_documentation()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        StateProof proof = prover.ProveState(HeldKey());
        byte[] bytes = proof.Encoded.ToArray();
        Assert.Equal("ESTRPRF1"u8.ToArray(), bytes[..8]);
        Assert.Equal((1, 3), (Int32At(bytes, 8), Int32At(bytes, 12)));
        Assert.Equal((proof.Version, proof.ExpiresAt),
            (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24))));
        Assert.Equal((proof.Key.Length, 1, proof.Value.Length), (Int32At(bytes, 32), Int32At(bytes, 36), Int32At(bytes, 40)));
        int depth = bytes[44], entries = bytes[46];
        Assert.Equal((0, 0), (bytes[45], bytes[47]));
        Assert.True(depth is >= 2 and <= 8 && entries is >= 1 and <= 16);
        Assert.Equal(proof.Attestation.Encoded.ToArray(), bytes[Head..KeyOffset]);
        byte[] rest = [.. proof.Key, .. proof.Value];
        Assert.Equal(rest, bytes[KeyOffset..(KeyOffset + rest.Length)]);
        Assert.Equal(KeyOffset + rest.Length + (32 * depth) + (64 * entries), bytes.Length);

        // The root follows from path and bucket as documented.
        byte[] bucket = bytes[^(64 * entries)..], hash = NaiveTree.Hash([2, .. bucket]), keyHash = NaiveTree.Hash(proof.Key.ToArray());
        for (int at = depth - 1; at >= 0; at--)
        {
            byte[] beside = bytes[(KeyOffset + rest.Length + (32 * at))..(KeyOffset + rest.Length + (32 * (at + 1)))];
            bool isRight = (keyHash[at / 8] >> (7 - (at % 8)) & 1) == 1;
            hash = isRight ? NaiveTree.Hash([3, .. beside, .. hash]) : NaiveTree.Hash([3, .. hash, .. beside]);
        }

        Assert.Equal(proof.Attestation.StateRoot.ToArray(), hash);
    }

    [Fact]
    public void A_proof_with_a_changed_bit_is_invalid()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        foreach (byte[] key in new byte[][] { HeldKey(), "none"u8.ToArray() })
        {
            byte[] whole = prover.ProveState(key).Encoded.ToArray();
            Assert.NotEqual(StateAnswer.Unproven, Answer(whole, out _));
            for (int at = 0; at < whole.Length; at += at is > 250 and < 4_780 ? 61 : 1)
            {
                for (int bit = 0; bit < 8; bit += at < Head || at > KeyOffset ? 1 : 5)
                {
                    whole[at] ^= (byte)(1 << bit);
                    Assert.True(Answer(whole, out _) == StateAnswer.Unproven || IsOfAnotherAbsentKey(whole, at), $"byte {at}, bit {bit}");
                    whole[at] ^= (byte)(1 << bit);
                }
            }

            for (int length = 0; length < whole.Length; length += length < Head ? 1 : 13)
            {
                Assert.Equal((StateAnswer.Unproven, ProofFault.Length), (Answer(whole[..length], out ProofFault fault), fault));
            }

            Assert.Equal((StateAnswer.Unproven, ProofFault.Length), (Answer([.. whole, 0], out ProofFault longer), longer));
        }
    }

    [Theory]
    [InlineData(0, 1, ProofFault.Magic)]
    [InlineData(8, 2, ProofFault.Version)]
    [InlineData(12, 1, ProofFault.Kind)]
    [InlineData(12, 4, ProofFault.Kind)]
    [InlineData(32, -1, ProofFault.Numbers)]
    [InlineData(36, 2, ProofFault.Numbers)]
    [InlineData(36, -1, ProofFault.Numbers)]
    [InlineData(36, 0, ProofFault.Numbers)]
    [InlineData(40, -1, ProofFault.Numbers)]
    [InlineData(40, int.MaxValue, ProofFault.Length)]
    [InlineData(44, 253, ProofFault.Numbers)]
    [InlineData(44, 0xFFFF, ProofFault.Numbers)]
    [InlineData(44, 17 << 16, ProofFault.Numbers)]
    [InlineData(44, 0x7FFF << 16, ProofFault.Numbers)]
    [InlineData(44, 252, ProofFault.Length)]
    [InlineData(Head + 8, 3, ProofFault.Attestation)]
    [InlineData(Head + 24, 0, ProofFault.Attestation)]
    public void TryParse_rejects_invalid_bytes_with_the_reason(int offset, int value, ProofFault expected)
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        byte[] bytes = prover.ProveState(HeldKey()).Encoded.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);
        Assert.False(StateProof.TryParse(bytes, out StateProof? none, out ProofFault fault));
        Assert.Null(none);
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void TryParse_rejects_an_invalid_or_contradicting_bucket()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        byte[] key = HeldKey(), held = prover.ProveState(key).Encoded.ToArray();
        int entries = held[46], bucket = held.Length - (64 * entries);
        Assert.True(entries > 2);
        int own = Enumerable.Range(0, entries).Single(at => held.AsSpan(bucket + (64 * at), 32).SequenceEqual(NaiveTree.Hash(key)));

        // The buckets have entries in another order, a duplicate, no entry of the key, or an entry of another path.
        byte[] swapped =
            [.. held[..bucket], .. held[(bucket + 64)..(bucket + 128)], .. held[bucket..(bucket + 64)], .. held[(bucket + 128)..]];
        byte[] twice = [.. held[..bucket], .. held[bucket..(bucket + 64)], .. held[bucket..(bucket + 64)], .. held[(bucket + 128)..]];
        byte[] missing = [.. held[..(bucket + (64 * own))], .. held[(bucket + (64 * (own + 1)))..]];
        missing[46]--;
        byte[] astray = [.. held];
        astray[bucket] ^= 0x80;
        foreach (byte[] bad in new byte[][] { swapped, twice, missing, astray })
        {
            Assert.Equal((StateAnswer.Unproven, ProofFault.Bucket), (Answer(bad, out ProofFault fault), fault));
        }

        // This proof shows a held key as absent: if the bucket has the key's entry, the bucket contradicts the claim; without the entry,
        // the root differs.
        StateProof proof = prover.ProveState(key);
        byte[] denied = [.. held[..KeyOffset], .. key, .. held[(KeyOffset + key.Length + proof.Value.Length)..]];
        denied.AsSpan(16, 16).Clear();
        denied.AsSpan(36, 8).Clear();
        Assert.Equal((StateAnswer.Unproven, ProofFault.Bucket), (Answer(denied, out ProofFault contradiction), contradiction));
        int at = denied.Length - (64 * (entries - own));
        denied = [.. denied[..at], .. denied[(at + 64)..]];
        denied[46]--;
        Assert.Equal((StateAnswer.Unproven, ProofFault.None), (Answer(denied, out ProofFault form), form));
    }

    [Fact]
    public void A_proof_by_an_attestation_without_a_state_is_invalid()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        byte[] bytes = prover.ProveState(HeldKey()).Encoded.ToArray();
        Attestation attested = AllAttested()[^1];
        Attestation.Sign(attested.Head, attested.Root, Key).Encoded.CopyTo(bytes.AsSpan(Head));
        Assert.Equal((StateAnswer.Unproven, ProofFault.State), (Answer(bytes, out ProofFault fault), fault));
    }

    [Fact]
    public void Proofs_of_another_key_queue_or_attestation_are_invalid()
    {
        using WitnessProver prover = new(Queue, Attestations, Key.PublicKey);
        using MlDsa87PrivateKey other = SampleAttestation.Key(2);
        StateProof proof = prover.ProveState(HeldKey());
        Assert.Equal(StateAnswer.Held, proof.Verify(Queue.Id, other.PublicKey, Key.PublicKey));
        Assert.Equal(StateAnswer.Unproven, proof.Verify(Queue.Id, other.PublicKey));
        Assert.Equal(StateAnswer.Unproven, proof.Verify(Queue.Id));
        Assert.Equal(StateAnswer.Unproven, proof.Verify(Queue.Id ^ 1, Key.PublicKey));

        // A proof is valid only for the state that it was made from.
        byte[] earlier = proof.Encoded.ToArray();
        AllAttested()[0].Encoded.CopyTo(earlier.AsSpan(Head));
        Assert.Equal((StateAnswer.Unproven, ProofFault.None), (Answer(earlier, out ProofFault fault), fault));
        using WitnessProver distrusting = new(Queue, Attestations, other.PublicKey);
        Assert.Equal(WitnessFault.Signature, Assert.Throws<EstreamWitnessException>(() => distrusting.ProveState(HeldKey())).Fault);
        using EstreamQueue empty = EstreamQueue.Open(Beside("empty.witness"), Options);
        using WitnessProver none = new(Queue, empty, Key.PublicKey);
        Assert.Throws<ArgumentOutOfRangeException>("attestation", () => none.ProveState("key 1"u8));
    }

    // A bucket proves the absence of every missing key on its path.
    private bool IsOfAnotherAbsentKey(byte[] bytes, int changed) =>
        changed is >= KeyOffset and < KeyOffset + 4 && StateProof.TryParse(bytes, out StateProof? proof, out _)
        && proof.Verify(Queue.Id, Key.PublicKey) == StateAnswer.Absent && !Naive.TryGet(proof.Key.ToArray(), out _);

    private StateAnswer Answer(byte[] bytes, out ProofFault fault) => StateProof.TryParse(bytes, out StateProof? proof, out fault)
        ? proof.Verify(Queue.Id, Key.PublicKey)
        : StateAnswer.Unproven;

    // Returns a key with a value.
    private byte[] HeldKey() =>
        Enumerable.Range(0, 200).Select(NaiveState.Key)
            .First(key => Naive.TryGet(key, out (long Version, long Ends, byte[] Value) held)
                && held is { Version: > 0, Value.Length: > 3 });

    private NaiveState StateAfter(int messages)
    {
        NaiveState state = new();
        using QueueTailer tailer = Queue.CreateTailer();
        for (; messages > 0 && tailer.TryRead(out QueueMessage message); messages--)
        {
            state.Apply(message.Payload);
        }

        return state;
    }

    private static int Int32At(byte[] bytes, int offset) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset));
}
