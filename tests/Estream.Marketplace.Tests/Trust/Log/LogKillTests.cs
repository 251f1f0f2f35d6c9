using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>Kills a real process that writes a log: every checkpoint that the process published stays valid.</summary>
public sealed class LogKillTests
{
    private const string Origin = "example.org/log";

    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Signed_checkpoints_stay_prefixes_of_the_log_after_a_crash()
    {
        using TempDirectory folder = new();
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
        NoteSigner signer = new(Origin, NoteKeyKind.MlDsa87Cosignature, key, SystemClock.Instance);
        LogPolicy policy = new(Origin, [signer.Key], [], 0);
        List<Checkpoint> given = [];
        Random random = new(3);
        KillRounds rounds = new(LongRun.Count(4, 100), LongRun.Count(3, 75));
        while (!rounds.AreOver)
        {
            int before = given.Count;
            using (ChildProcess child = ChildProcess.StartDotnet(
                BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll"), ["log", folder.Path]))
            {
                // Kills the process after a number of checkpoints, not after a time, because the machine may be slow. The process is then
                // at a random point of its next checkpoint.
                int signed = random.Next(1, 4);
                Eventually.True(() => child.Output.Split("signed ").Length > signed, $"{signed} checkpoints are signed");
                Thread.Sleep(random.Next(60));
                child.Kill();
                Assert.Equal("", child.Error);
                given.AddRange(child.Output.Split('\n').Where(line => line.StartsWith("signed ", StringComparison.Ordinal))
                    .Select(line => Read(policy, line)).OfType<Checkpoint>());
            }

            rounds.Add(given.Count > before + 1);
            Checkpoint now;
            using (TransparencyLog log =
                TransparencyLog.Open(new TransparencyLogOptions { Directory = folder.Path, Origin = Origin, Signers = [signer] }))
            {
                log.Append("somebody else's"u8);
                now = policy.Verify(log.Sign().Encode()).Checkpoint!;
                log.Publish();
            }

            LogClient client = new(new DirectoryFileSource(folder.Path));
            foreach (Checkpoint checkpoint in given)
            {
                await client.ProveConsistencyAsync(checkpoint, now, s_none);
            }
        }
    }

    // The crash may have truncated the last line.
    private static Checkpoint? Read(LogPolicy policy, string line)
    {
        byte[] bytes = new byte[line.Length];
        return Convert.TryFromBase64String(line["signed ".Length..].Trim(), bytes, out int length)
            ? policy.Verify(bytes.AsSpan(0, length)).Checkpoint
            : null;
    }
}
