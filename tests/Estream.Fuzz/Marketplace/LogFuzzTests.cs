using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Fuzz.Crypto;
using Estream.Marketplace;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>
/// Damages, truncates and invents what a log, a witness and owners of namespaces send. Every input gets an answer, nothing
/// throws, nothing damaged is accepted, and what is read is written back to the same bytes. A failure names its seed.
/// </summary>
public sealed class LogFuzzTests : IDisposable
{
    private const string Origin = "example.org/log";

    private readonly MlDsa87PrivateKey _mlDsa = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
    private readonly Ed25519PrivateKey _ed25519 = Ed25519PrivateKey.ImportSeed(new byte[Ed25519.SeedBytes]);
    private readonly DocumentSigner _owner = new(MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat((byte)1, MlDsa87.SeedBytes)]));
    private readonly NoteSigner[] _signers;
    private readonly LogPolicy _policy;
    private readonly byte[] _note;

    public LogFuzzTests()
    {
        _signers = [new NoteSigner(Origin, NoteKeyKind.MlDsa87Cosignature, _mlDsa, SystemClock.Instance),
            new NoteSigner(Origin, NoteKeyKind.Ed25519, _ed25519, SystemClock.Instance)];
        _policy = new LogPolicy(Origin, _signers.Select(signer => signer.Key), [], 0);
        Checkpoint checkpoint = new(Origin, 70_000, new byte[32]);
        _note = SignedNote.Create(checkpoint.Encode(), [.. _signers.Select(signer => signer.Sign(checkpoint))]).Encode();
    }

    public void Dispose()
    {
        _mlDsa.Dispose();
        _ed25519.Dispose();
        _owner.Dispose();
    }

    [Fact]
    public void A_damaged_checkpoint_is_not_accepted()
    {
        Assert.True(_policy.Verify(_note).IsAccepted);
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(_note, random);
            CheckpointVerdict verdict = _policy.Verify(damaged);
            if (verdict.IsAccepted)
            {
                // Only the unsigned part may differ: a repeated signature, or the signature of another key.
                Assert.Equal("example.org/log\n70000\n" + Convert.ToBase64String(new byte[32]) + "\n",
                    Encoding.UTF8.GetString(verdict.Note.Text));
            }

            if (SignedNote.TryParse(damaged, out SignedNote? note, out _))
            {
                Assert.Equal(damaged, note.Encode());
                Assert.Equal(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _), checkpoint is not null);
                Assert.True(checkpoint is null || note.Text.SequenceEqual(checkpoint.Encode()));
            }

            _ = SignedNote.TryParseSignatures(damaged.AsSpan(Math.Min(damaged.Length, 90)), out _);
        });
    }

    [Fact]
    public void Damaged_keys_requests_and_bundles_are_rejected_or_written_back_unchanged()
    {
        byte[] key = Encoding.ASCII.GetBytes(_signers[0].Key.ToString()), other = Encoding.ASCII.GetBytes(_signers[1].Key.ToString());
        Assert.True(SignedNote.TryParse(_note, out SignedNote? note, out _));
        byte[] request = WitnessRequest.Create(300, new byte[160], note).Encode();
        byte[] bundle = [0, 3, 1, 2, 3, 0, 0, 0, 1, 9];
        ForEachSeed(random =>
        {
            string text = Encoding.Latin1.GetString(Damage.Of(random.Next(2) == 0 ? key : other, random));
            Assert.True(!NoteKey.TryParse(text, out NoteKey? parsed) || parsed.ToString() == text);
            byte[] asked = Damage.Of(request, random);
            Assert.True(!WitnessRequest.TryParse(asked, out WitnessRequest? read) || read.Encode().AsSpan().SequenceEqual(asked));
            EntryBundle.TryParse(Damage.Of(bundle, random), random.Next(300), out _);
        });
    }

    [Fact]
    public void Damaged_log_proofs_prove_nothing()
    {
        byte[] path = new byte[3 * 32], leaf = new byte[32];
        ForEachSeed(random =>
        {
            random.NextBytes(path);
            byte[] damaged = Damage.Of(path, random), root = Damage.Of(leaf, random);
            Assert.False(LogProof.VerifyInclusion(random.NextInt64(-2, 20), random.NextInt64(-2, 20), leaf, root, damaged));
            Assert.False(LogProof.VerifyConsistency(random.NextInt64(1, 9), random.NextInt64(9, 20), leaf, root, damaged));
            LogProof.VerifyConsistency(random.NextInt64(), random.NextInt64(), leaf, root, damaged);
            LogProof.VerifyInclusion(random.NextInt64(), random.NextInt64(), leaf, root, damaged);
        });
    }

    [Fact]
    public void A_damaged_entry_changes_nothing_in_the_map_of_namespaces()
    {
        NamespaceName name = NamespaceName.Of(ComponentName.Parse("@acme/card"));
        byte[] record = new NamespaceRecord(name, 1, [_owner.Key], 1, DateTimeOffset.UnixEpoch).Sign(_owner).ToJson();
        byte[] publish = new PublishEntry(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), new string('a', 64),
            new string('b', 64)).Sign(_owner).ToJson();
        NamespaceMap map = new();
        Assert.Equal(LogEntryFault.None, map.Apply(record, out _));
        byte[] root = map.ComputeRoot();
        NamespaceProof proof = map.Prove(name)!;
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(random.Next(2) == 0 ? record : publish, random);
            bool isWhole = damaged.AsSpan().SequenceEqual(publish);
            if (map.Check(damaged, out LogEntry? entry, out string reason) == LogEntryFault.None)
            {
                // Bytes that the signatures do not cover may differ; the covered bytes may not.
                Assert.True(isWhole || Assert.IsType<PublishEntry>(entry).ToPayload().AsSpan().SequenceEqual(Payload(publish)));
            }
            else
            {
                Assert.NotEmpty(reason);
            }

            byte[] other = Damage.Of(proof.Encode(), random);
            Assert.True(!NamespaceProof.TryRead(other, out NamespaceProof? read, out _) || !read.Verify(root) || read.State.Encode()
                .AsSpan().SequenceEqual(proof.State.Encode()));
            NamespaceState.TryRead(Damage.Of(proof.State.Encode(), random), out _, out _);
        });
        Assert.Equal(root, map.ComputeRoot());
    }

    private static byte[] Payload(byte[] entry)
    {
        Assert.True(LogEntry.TryRead(entry, out _, out LogEntry? read, out _));
        return read.ToPayload();
    }

    private static void ForEachSeed(Action<Random> check)
    {
        for (int seed = 0; seed < LongRun.Count(500, 100_000); seed++)
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
