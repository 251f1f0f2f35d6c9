using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>A log in a temporary directory, with the same keys in every run.</summary>
internal sealed class LogRig : IDisposable
{
    public const string Origin = "example.org/log";

    private readonly TempDirectory _folder = new();
    private readonly ISigner _mlDsa = MlDsa(1);
    private readonly ISigner _ed25519 = Ed(2);

    public LogRig()
    {
        Signers = [new NoteSigner(Origin, NoteKeyKind.MlDsa87Cosignature, _mlDsa, Clock),
            new NoteSigner(Origin, NoteKeyKind.Ed25519, _ed25519, Clock)];
        Policy = new LogPolicy(Origin, Signers.Select(signer => signer.Key), [], 0);
    }

    public ManualClock Clock { get; } = new(1_790_000_000_000_000_000);

    public IReadOnlyList<NoteSigner> Signers { get; }

    public LogPolicy Policy { get; }

    public string Directory => _folder.Combine("log");

    public LogClient Client => new(new DirectoryFileSource(Directory));

    public static byte[] Entry(long number) => Encoding.ASCII.GetBytes($"entry {number}");

    public static ISigner MlDsa(byte seed) => MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat(seed, MlDsa87.SeedBytes)]);

    public static ISigner Ed(byte seed) => Ed25519PrivateKey.ImportSeed([.. Enumerable.Repeat(seed, Ed25519.SeedBytes)]);

    public NoteSigner Witness(string name, byte seed, NoteKeyKind kind = NoteKeyKind.MlDsa87Cosignature) =>
        new(name, kind, kind == NoteKeyKind.MlDsa87Cosignature ? MlDsa(seed) : Ed(seed), Clock);

    public TransparencyLog Open(IStorage? storage = null) =>
        TransparencyLog.Open(new TransparencyLogOptions
        {
            Directory = Directory,
            Origin = Origin,
            Signers = Signers,
            Storage = storage ?? FileStorage.Instance,
        });

    /// <summary>Appends entries up to a size and publishes the checkpoint.</summary>
    public Checkpoint Grow(TransparencyLog log, long size)
    {
        for (long number = log.Size; number < size; number++)
        {
            log.Append(Entry(number));
        }

        SignedNote note = log.Sign();
        log.Publish();
        return Policy.Verify(note.Encode()).Checkpoint!;
    }

    public string Combine(params string[] parts) => _folder.Combine(parts);

    public void Dispose()
    {
        _mlDsa.Dispose();
        _ed25519.Dispose();
        _folder.Dispose();
    }
}
