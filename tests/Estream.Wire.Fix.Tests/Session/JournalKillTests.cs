using System.Globalization;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.TestProcess;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Kills a session's process while it writes its journal. Acknowledged records must be present, and the next process continues
/// after them.</summary>
public sealed class JournalKillTests : IDisposable
{
    private const int MostMessages = 400;

    private readonly TempDirectory _folder = new();

    [Fact]
    public void Acknowledged_records_survive_every_crash()
    {
        Random random = new(2_026);
        string program = BuiltProgram.Find("tests/Estream.Wire.Fix.TestProcess", "Estream.Wire.Fix.TestProcess.dll");
        string directory = _folder.Combine("journal");
        long before = 0;
        for (int kill = 0; kill < LongRun.Count(5, 300); kill++)
        {
            using ChildProcess writer = ChildProcess.StartDotnet(program, ["journal", directory]);
            long until = before + random.Next(1, MostMessages);
            Eventually.True(() => Acknowledged(writer.Output) >= until, "enough messages are acknowledged");
            writer.Kill();

            before = Check(directory, Acknowledged(writer.Output));
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    /// <summary>The number of the last complete line.</summary>
    private static long Acknowledged(string output)
    {
        int start = output.LastIndexOf(JournalScript.Stored, StringComparison.Ordinal);
        return start < 0 ? 0 : long.Parse(output[(start + JournalScript.Stored.Length)..].Trim(), CultureInfo.InvariantCulture);
    }

    /// <returns>The number of the last message.</returns>
    private static long Check(string directory, long acknowledged)
    {
        using EstreamQueue queue = EstreamQueue.Open(directory, JournalScript.Options);
        using FixQueueStore store = new(queue, JournalScript.MaxMessageBytes);
        long last = store.NextOutgoing - 1;
        Assert.InRange(last, acknowledged, long.MaxValue);

        // Each number is recorded as sent, then as received; the crash may come between the two.
        Assert.InRange(store.NextIncoming, last, last + 1);
        Assert.True(store.NextIncoming > acknowledged,
            $"{acknowledged} was acknowledged as received, but {store.NextIncoming} is expected next");
        bool isKept = false;
        for (long number = 1; number <= last; number++)
        {
            bool isThere = store.TryRead(number, out ReadOnlySpan<byte> message);
            Assert.True(isThere || !isKept, $"message {number} of {last} is missing, but an earlier one is present");
            Assert.True(!isThere || message.SequenceEqual(JournalScript.Message(number)), $"message {number} has another content");
            isKept = isThere;
        }

        Assert.True(isKept, "the last message is missing");
        return last;
    }
}
