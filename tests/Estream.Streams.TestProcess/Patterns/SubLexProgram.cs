using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Tests;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Appends visits, singly and in pairs, until it is killed. Their findings are kept in a sub-lex.</summary>
public sealed class SubLexProgram : IDisposable
{
    public SubLexProgram(string directory)
    {
        QueueOptions options = new() { SegmentBytes = 1 << 20 };
        Main = EstreamQueue.Open(Path.Combine(directory, "visits"), options);
        Apart = EstreamQueue.Open(Path.Combine(directory, "findings"), options);
    }

    public EstreamQueue Main { get; }

    public EstreamQueue Apart { get; }

    /// <summary>Returns the key of the audience, always the same.</summary>
    public static MlKem1024PrivateKey Key() =>
        MlKem1024PrivateKey.ImportSeed([.. Enumerable.Range(0, MlKem1024.SeedBytes).Select(i => (byte)(i * 3))]);

    public static EsfSealer Sealer()
    {
        using MlKem1024PrivateKey key = Key();
        return new EsfSealer(Visit.Schema, EsfAudienceKeys.None.With("default", key.PublicKey));
    }

    public static int Run(string directory)
    {
        using var program = new SubLexProgram(directory);
        using EsfSealer sealer = Sealer();
        using QueueAppender main = program.Main.CreateAppender();
        using QueueAppender apart = program.Apart.CreateAppender();
        var visits = new EsfAppender<Visit.Writer>(main, sealer, new Dictionary<string, QueueAppender> { ["clinical"] = apart });
        Console.WriteLine("running");
        for (ulong number = (ulong)main.NextSequence; ; number += 3)
        {
            AppendOne(visits, number);
            AppendTwo(visits, number + 1);
        }
    }

    internal static void AppendOne(EsfAppender<Visit.Writer> visits, ulong number)
    {
        using EsfClaim<Visit.Writer> claim = visits.Claim();
        Visit.Writer visit = claim.Begin();
        Fill(ref visit, number);
        claim.Commit(visit);
    }

    internal static void AppendTwo(EsfAppender<Visit.Writer> visits, ulong number)
    {
        using EsfBatch<Visit.Writer> batch = visits.ClaimBatch(400, 2);
        for (ulong i = 0; i < 2; i++)
        {
            Visit.Writer visit = batch.Begin();
            Fill(ref visit, number + i);
            batch.Add(visit);
        }

        batch.Commit();
    }

    public static string FindingOf(ulong number) => $"murmur {number}";

    internal static void Fill(ref Visit.Writer visit, ulong number)
    {
        visit.Number = number;
        visit.SetName($"name {number}");
        visit.SetFinding(FindingOf(number));
    }

    public void Dispose()
    {
        Main.Dispose();
        Apart.Dispose();
    }
}
