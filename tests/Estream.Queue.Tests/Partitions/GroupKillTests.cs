using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Three processes of a group are killed at random moments and replaced. Each message has its effect exactly once.</summary>
public sealed class GroupKillTests : QueueCase
{
    private const int Count = 12;
    private const int Members = 3;

    private static readonly int s_kills = LongRun.Count(6, 200);

    [Fact]
    public void Every_message_has_one_effect_in_its_order_after_any_crash()
    {
        var random = new Random(34);
        using PartitionedQueue source = PartitionedQueue.Open(QueueDirectory, Count, Small);
        using PartitionedAppender appender = source.CreateAppender(AppenderMode.Exclusive);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueTailer results = output.CreateTailer();
        long[] next = new long[Count];
        ChildProcess[] members = [.. Enumerable.Range(0, Members).Select(Join)];
        int appended = Append(appender, 0, 500);
        for (int kill = 0; kill < s_kills; kill++)
        {
            // The crash comes after some new effects and before the last one.
            appended = Append(appender, appended, 3_000);
            long target = next.Sum() + 500 + random.Next(500);
            Eventually.True(() => Follow(results, next) >= target, $"{target} messages have their effect");
            int victim = random.Next(Members);
            members[victim].Kill();
            Assert.Equal("", members[victim].WaitForExit().Error);
            members[victim].Dispose();
            members[victim] = Join(Members + kill);
        }

        Eventually.True(() => Follow(results, next) == appended, $"all {appended} messages have their effect", TimeSpan.FromMinutes(3));
        foreach (ChildProcess member in members)
        {
            member.Input.Close();
            ProcessResult result = member.WaitForExit();
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            member.Dispose();
        }

        Assert.Equal(appended, Follow(results, next));
        Assert.True(output.Verify().IsWhole);
    }

    private ChildProcess Join(int seed)
    {
        ChildProcess member = StartOther("group", QueueDirectory, Beside("output"), "workers", $"{seed}");
        member.WaitForText("joined");
        return member;
    }

    private static int Append(PartitionedAppender appender, int appended, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            appender.Append(BitConverter.GetBytes(appended), BitConverter.GetBytes(appended));
            appended++;
        }

        return appended;
    }

    // Exclusive appenders number the messages of a partition without gaps, so the next number proves that none is missing or repeated.
    private static long Follow(QueueTailer results, long[] next)
    {
        while (results.TryRead(out QueueMessage message))
        {
            long partition = BitConverter.ToInt64(message.Payload);
            Assert.Equal(next[partition], BitConverter.ToInt64(message.Payload[sizeof(long)..]));
            next[partition]++;
        }

        return next.Sum();
    }
}
