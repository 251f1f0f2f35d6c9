using System.Globalization;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Queue.Tests;

/// <summary>A process with a kernel memory limit that includes the page cache fills a queue of four times that size on a device. It stays
/// well below the limit, so it is not killed and no append waits for the kernel to free memory.</summary>
public sealed class MemoryLimitTests(ITestOutputHelper output)
{
    private const int Times = 4;

    // 16 MB of log per second, which any device can sustain: 17 s in the daily run, five minutes in the long run.
    private const int PerSecond = 200_000;

    private const string Late = "late p99.9 by quarter: ";

    // The long run uses the sizes that docs/formats/queue.md describes: 4 GiB of log in 1 GiB of memory.
    private static readonly long s_limit = (long)LongRun.Count(64, 1_024) << 20;

    [MemoryLimitFact]
    public void A_queue_four_times_the_memory_limit_stays_within_it() => Fill(perSecond: 0);

    /// <summary>
    /// Compares each quarter of the log with the first quarter, in which the kernel does not need to reclaim memory, because it is as long
    /// as the memory limit. If appends froze in a later quarter (for seconds, until pages are found), more than a thousandth of the
    /// messages of a quarter would be late by nearly that long.
    /// </summary>
    /// <remarks>
    /// The bound detects freezes and does not measure speed. It allows for other load in three ways. Time in which other threads had the
    /// processor does not count. A quarter may take twenty times the lateness of the first quarter, in which a noisy machine is noisy too.
    /// One more second covers a device that other load keeps busy for longer than the half second by which the appender may be ahead.
    /// </remarks>
    [MemoryLimitFact]
    public void Appends_stay_as_fast_as_before_when_the_log_outgrows_memory()
    {
        string printed = Fill(PerSecond);
        output.WriteLine(printed);
        string line = printed.Split('\n').Single(line => line.StartsWith(Late, StringComparison.Ordinal));
        long[] late = [.. line[Late.Length..].Split(' ').Take(Times).Select(nanos => long.Parse(nanos, CultureInfo.InvariantCulture))];
        long bound = (20 * late[0]) + 1_000_000_000;
        Assert.True(late.All(nanos => nanos <= bound), $"appends froze: a quarter is beyond {bound} ns. {line}");
    }

    private static string Fill(int perSecond)
    {
        using var place = new TempDirectory(DeviceDirectory.Find());
        string directory = place.Combine("queue");
        string printed;
        using (var group = new MemoryCgroup(s_limit))
        {
            using ChildProcess filler = group.StartDotnet(
                BuiltProgram.Find("tests/Estream.Queue.TestProcess", "Estream.Queue.TestProcess.dll"),
                "fill", directory, $"{Times * s_limit}", $"{s_limit / 64}", $"{s_limit / 4}", $"{perSecond}");
            ProcessResult result = filler.WaitForExit(TimeSpan.FromMinutes(15));
            Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}, {group.Killed} killed for memory: {result.Error}");
            Assert.Equal(0, group.Killed);
            Assert.Equal(0, group.LimitHits);
            printed = result.Output;
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        Assert.True(queue.Verify() is { IsWhole: true } found && found.MessageCount > Times * s_limit / 81, "messages are missing");
        return printed;
    }
}
