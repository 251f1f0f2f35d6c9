using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Two queues of version 2. One was consumed into the other until its reader was killed. The next reader continues at the read
/// position that is recorded in the output, even if the cursor file has an older position.</summary>
public sealed class ConsumedQueueFilesTests
{
    private const int BootId = 256;
    private const int CursorPosition = 64;
    private const int CursorBatch = 72;

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 15)]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    public void Each_message_is_consumed_once_for_any_cursor_position(bool isThisRun, int batchesBehind)
    {
        using OldFiles files = OldFiles.Unpack(2, "queues-consumed");
        if (isThisRun)
        {
            files.PretendThisRun(QueueScript.SourceOf("") + "/queue.meta", BootId);
            files.PretendThisRun(QueueScript.OutputOf("") + "/queue.meta", BootId);
        }

        long[][] batches =
            [.. files.Report.Where(line => line.StartsWith("consumed ", StringComparison.Ordinal))
                .Select(line => line.Split(' ').Skip(1).Select(long.Parse).ToArray())];
        PutCursorBack(files, batches[^(1 + batchesBehind)]);
        var old = new OldQueue(files.Report);
        using EstreamQueue source = EstreamQueue.Open(QueueScript.SourceOf(files.Path));
        using EstreamQueue output = EstreamQueue.Open(QueueScript.OutputOf(files.Path));
        using QueueTailer tailer = source.CreateTailer(QueueScript.Consumer, output);
        Assert.Equal(batches[^1][0], tailer.Position);
        long consumed = batches[^1][2];
        using (QueueAppender appender = output.CreateAppender())
        {
            foreach (OldMessage due in old.From(tailer.Position))
            {
                using BatchClaim batch = appender.ClaimBatch(10_000, 1, tailer);
                Assert.True(tailer.TryRead(out QueueMessage message));
                Assert.Equal((due.Position, due.Sequence), (message.Position, message.Sequence));
                Assert.True(message.Payload.SequenceEqual(SeededBytes.Of(due.Number)));
                batch.Append(SeededBytes.Of(QueueScript.OutputNumbers + consumed++));
                batch.Commit();
            }
        }

        Assert.False(tailer.TryRead(out _));
        Assert.Equal(old.Messages.Count, consumed);
        AssertOutput(output, consumed, somebodyElses: batches.Length);
        Assert.All((EstreamQueue[])[source, output], queue => Assert.True(queue.Verify().IsWhole, queue.Verify().Damage?.Reason));
    }

    /// <summary>Makes the cursor look as if the reader had been killed several batches ago, between the commit of a batch and the update of
    /// the cursor.</summary>
    private static void PutCursorBack(OldFiles files, long[] batch)
    {
        string cursor = Path.Combine(QueueScript.SourceOf(files.Path), "tailers", $"{QueueScript.Consumer}.cursor");
        using MemoryRegion region = FileStorage.Instance.OpenRegion(cursor, RegionAccess.ReadWrite);
        Assert.True(batch[0] <= region.All.ReadInt64(CursorPosition));
        region.All.WriteInt64(CursorPosition, batch[0]);
        region.All.WriteInt64(CursorBatch, batch[1]);
    }

    private static void AssertOutput(EstreamQueue output, long consumed, int somebodyElses)
    {
        using QueueTailer results = output.CreateTailer();
        long next = 0;
        while (results.TryRead(out QueueMessage message))
        {
            if (message.Payload.SequenceEqual("of somebody else"u8))
            {
                somebodyElses--;
                continue;
            }

            Assert.True(message.Payload.SequenceEqual(SeededBytes.Of(QueueScript.OutputNumbers + next)),
                $"the result of message {next} is not the one at {message.Position}");
            next++;
        }

        Assert.Equal((consumed, 0), (next, somebodyElses));
    }
}
