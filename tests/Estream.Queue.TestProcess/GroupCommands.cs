using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Commands of members of a consumer group.</summary>
internal static class GroupCommands
{
    private const int MaxBatch = 8;

    /// <summary>Reads a partitioned queue as a member of a group until standard input ends or the process is killed. Appends partition and
    /// sequence number of each message to another queue, in batches that commit the progress. Abandons some batches.</summary>
    public static int Consume(string sourceDirectory, string outputDirectory, string group, int seed)
    {
        var random = new Random(seed);
        using PartitionedQueue source = PartitionedQueue.Open(sourceDirectory);
        using EstreamQueue output = QueueAccess.Open(outputDirectory);
        using QueueAppender appender = output.CreateAppender();
        using GroupMember member = source.JoinGroup(group, output);
        Task<string> end = Task.Run(Console.In.ReadToEnd);
        Console.WriteLine("joined");
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!end.IsCompleted)
        {
            bool isThere = member.TryNext(out int partition, out QueueTailer? tailer);
            if (isThere)
            {
                AppendBatch(appender, partition, tailer!, random);
            }

            idle.Idle(isThere ? 1 : 0);
        }

        return 0;
    }

    private static void AppendBatch(QueueAppender appender, int partition, QueueTailer tailer, Random random)
    {
        int count = 1 + random.Next(MaxBatch);
        Span<byte> result = stackalloc byte[2 * sizeof(long)];
        using BatchClaim batch = appender.ClaimBatch(count * result.Length, count, tailer);
        while (batch.Count < count && tailer.TryRead(out QueueMessage message))
        {
            BitConverter.TryWriteBytes(result, (long)partition);
            BitConverter.TryWriteBytes(result[sizeof(long)..], message.Sequence);
            batch.Append(result);
        }

        if (random.Next(10) == 0)
        {
            Thread.Sleep(random.Next(3));
        }

        if (random.Next(20) != 0)
        {
            batch.Commit();
        }
    }
}
