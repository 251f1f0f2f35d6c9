using Estream.Core;
using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Fuzz.Witness;

/// <summary>Damages, combines and invents proofs of the values of keys. Nothing throws, and every accepted proof states the value that the
/// map had. A failure names its seed.</summary>
public sealed class StateFuzzTests : IDisposable
{
    private const int Keys = 120;
    private const int KeyBytes = 3;

    // The offsets of the attestation and of the key.
    private const int Head = 48, KeyOffset = Head + Attestation.Bytes;

    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, byte[]> _held = [];

    public void Dispose()
    {
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_accepted_state_proof_is_true_even_if_it_was_damaged()
    {
        using EstreamQueue feed = EstreamQueue.Open(_directory.Combine("feed")),
            attestations = EstreamQueue.Open(_directory.Combine("feed.witness"));
        Attest(feed, attestations);
        using WitnessProver prover = new(feed, attestations, _key.PublicKey);
        byte[][] proofs = [.. Enumerable.Range(0, Keys + 20).Select(number => prover.ProveState(Key(number)).Encoded.ToArray())];
        int parsed = 0, accepted = 0;
        for (int seed = 0; seed < LongRun.Count(10_000, 1_000_000); seed++)
        {
            Random random = new(seed);
            try
            {
                byte[] bytes = Make(proofs, random);
                bool isOne = StateProof.TryParse(bytes, out StateProof? proof, out ProofFault fault);
                Assert.Equal(isOne, fault == ProofFault.None);
                if (proof is null)
                {
                    continue;
                }

                parsed++;
                Assert.True(proof.Encoded.SequenceEqual(bytes));
                StateAnswer answer = proof.Verify(feed.Id, _key.PublicKey);
                accepted += RequireTrue(proof, answer) ? 1 : 0;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }

        Assert.True(parsed > accepted && accepted > 0, $"{parsed} parsed, {accepted} accepted: the damage does not produce both outcomes");
    }

    private bool RequireTrue(StateProof proof, StateAnswer answer)
    {
        bool isHeld = _held.TryGetValue(Convert.ToHexString(proof.Key), out byte[]? value);
        switch (answer)
        {
            case StateAnswer.Held:
                Assert.True(value is not null && proof.Value.SequenceEqual(value)
                    && (proof.Version, proof.ExpiresAt) == (value.Length, value.Length * 2));
                return true;
            case StateAnswer.Absent:
                Assert.False(isHeld);
                Assert.True(proof.Value.IsEmpty);
                return true;
            default:
                return false;
        }
    }

    // Returns a proof that is damaged, has parts of another proof, or claims another key. Most damage is outside of the attestation,
    // because the signature of the attestation would reveal it.
    private static byte[] Make(byte[][] proofs, Random random)
    {
        byte[] whole = proofs[random.Next(proofs.Length)], other = proofs[random.Next(proofs.Length)];
        switch (random.Next(6))
        {
            case 0:
                return Damage.Of(whole, random);
            case 1:
                return [.. Damage.Of(whole[..Head], random), .. whole[Head..]];
            case 2:
                return [.. whole[..KeyOffset], .. Damage.Of(whole[KeyOffset..], random)];
            case 3:
                int cut = random.Next(KeyOffset, Math.Min(whole.Length, other.Length));
                return [.. whole[..cut], .. other[cut..]];
            case 4:
                return [.. whole[..KeyOffset], .. Key(random.Next(Keys + 20)), .. whole[(KeyOffset + KeyBytes)..]];
            default:
                byte[] changed = [.. whole];
                changed[random.Next(2) == 0 ? random.Next(Head) : random.Next(KeyOffset, whole.Length)] ^= (byte)(1 << random.Next(8));
                return changed;
        }
    }

    private void Attest(EstreamQueue feed, EstreamQueue attestations)
    {
        using (QueueAppender appender = feed.CreateAppender())
        {
            for (int number = 0; number < Keys; number++)
            {
                byte[] key = Key(number), value = new byte[number % 40],
                message = new byte[MapChange.HeaderBytes + key.Length + value.Length];
                value.AsSpan().Fill((byte)number);
                new MapChange(MapChangeKind.Put, key, value, value.Length, value.Length * 2).Write(message);
                appender.Append(message);
                _held.Add(Convert.ToHexString(key), value);
            }
        }

        using QueueWitness witness = QueueWitness.Open(feed, attestations, _key, new WitnessOptions { IsChangeFeed = true });
        witness.RunToEnd();
    }

    private static byte[] Key(int number) => [(byte)number, (byte)(number >> 8), 7];
}
