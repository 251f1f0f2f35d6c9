using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// A real process whose memory the kernel limits, page cache included, fills a queue four times that size, on a device. It does not get near the
/// limit, so nobody is killed and no append waits until the kernel has found something to give up.
/// </summary>
public sealed class MemoryLimitTests
{
    private const int Times = 4;

    // In the long run what docs/formats/queue.md is about: 4 GiB in 1 GiB.
    private static readonly long s_limit = (long)LongRun.Count(64, 1_024) << 20;

    [MemoryLimitFact]
    public void A_queue_four_times_the_memory_limit_stays_within_it()
    {
        using var place = new TempDirectory(DeviceDirectory.Find());
        string directory = place.Combine("queue");
        using (var group = new MemoryCgroup(s_limit))
        {
            using ChildProcess filler = group.StartDotnet(
                BuiltProgram.Find("tests/Estream.Queue.TestProcess", "Estream.Queue.TestProcess.dll"),
                "fill", directory, $"{Times * s_limit}", $"{s_limit / 64}", $"{s_limit / 4}", "0");
            ProcessResult result = filler.WaitForExit(TimeSpan.FromMinutes(15));
            Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}, {group.Killed} killed for memory: {result.Error}");
            Assert.Equal(0, group.Killed);
            Assert.Equal(0, group.LimitHits);
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        Assert.True(queue.Verify() is { IsWhole: true } found && found.MessageCount > Times * s_limit / 81, "messages are missing");
    }
}
