using System.Text;
using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Tests partitioned queues: the partition of a key never changes, and neither does the number of partitions.</summary>
public sealed class PartitionedQueueTests : QueueCase
{
    private const int Count = 8;

    // Published results of XXH64 with seed 0: xxHash's own tests, and the tests of github.com/cespare/xxhash. They have 0 to 63 bytes.
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("as", 0x1C330FB2D66BE179)]
    [InlineData("asd", 0x631C37CE72A97393)]
    [InlineData("asdf", 0x415872F599CEA71E)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02A2E85470D6FD96)]
    public void The_hash_of_a_key_is_XXH64(string key, ulong hash) => Assert.Equal(hash, KeyHash.Compute(Encoding.ASCII.GetBytes(key)));

    // Part of the format: another result loses the order of the messages of a key.
    [Theory]
    [InlineData("", 1, 0)]
    [InlineData("", 8, 1)]
    [InlineData("asdf", 8, 6)]
    [InlineData("asdf", 1024, 798)]
    [InlineData("abc", 3, 0)]
    [InlineData("Call me Ishmael. Some years ago--never mind how long precisely-", 1000, 854)]
    public void The_partition_of_a_key_never_changes(string key, int partitions, int partition) =>
        Assert.Equal(partition, PartitionedQueue.PartitionOf(Encoding.ASCII.GetBytes(key), partitions));

    [Property(100, 10_000)]
    public void Every_key_has_a_partition(byte[] key, ushort number)
    {
        int partitions = (number % PartitionedQueue.MaxPartitions) + 1;
        Assert.InRange(PartitionedQueue.PartitionOf(key, partitions), 0, partitions - 1);
    }

    [Fact]
    public void Keys_spread_over_all_partitions()
    {
        int[] counts = new int[64];
        for (int i = 0; i < 64_000; i++)
        {
            counts[PartitionedQueue.PartitionOf(Encoding.ASCII.GetBytes($"device-{i}"), counts.Length)]++;
        }

        // 1,000 are expected in each, with a standard deviation of about 31.
        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }

    [Fact]
    public void Messages_of_a_key_are_in_one_partition_in_their_order()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Small);
        Append(queue, 1_000);
        using PartitionedTailer tailer = queue.CreateTailer();
        Dictionary<string, int> next = [];
        HashSet<int> seen = [];
        while (tailer.TryRead(out int partition, out QueueMessage message))
        {
            string[] parts = Encoding.ASCII.GetString(message.Payload).Split(' ');
            Assert.Equal(queue.PartitionOf(Encoding.ASCII.GetBytes(parts[0])), partition);
            Assert.Equal(next.GetValueOrDefault(parts[0]), int.Parse(parts[1]));
            next[parts[0]] = int.Parse(parts[1]) + 1;
            seen.Add(partition);
        }

        Assert.Equal(10, next.Count);
        Assert.All(next.Values, count => Assert.Equal(100, count));
        Assert.True(seen.Count > 3);
    }

    [Fact]
    public void A_reopened_queue_has_its_partitions_and_a_named_reader_continues()
    {
        using (PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Small))
        {
            Append(queue, 100);
            using PartitionedTailer tailer = queue.CreateTailer("reader");
            Assert.Equal(60, Read(tailer, 60));
            tailer.Commit();
        }

        using PartitionedQueue again = PartitionedQueue.Open(QueueDirectory, Small);
        Assert.Equal(Count, again.PartitionCount);
        using PartitionedTailer rest = again.CreateTailer("reader");
        Assert.Equal(40, Read(rest, int.MaxValue));
        Assert.Throws<EstreamLeaseException>(() => again.CreateTailer("reader"));
    }

    [Fact]
    public void A_reader_of_all_partitions_leaves_none_waiting()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Small);
        using PartitionedAppender appender = queue.CreateAppender();
        for (int i = 0; i < 1_000; i++)
        {
            appender.Of(0).Append("0"u8);
        }

        appender.Of(1).Append("1"u8);
        using PartitionedTailer tailer = queue.CreateTailer();
        int before = 0;
        while (tailer.TryRead(out int partition, out _) && partition == 0)
        {
            before++;
        }

        Assert.Equal(256, before);
    }

    [Fact]
    public void A_batch_belongs_to_one_partition()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Small);
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Of(3).AppendBatch("abc"u8, [1, 2]);
        Assert.Equal(["a", "bc"], Texts(queue.Partition(3)));
        Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender().Of(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => appender.Of(Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Partition(-1));
    }

    [Fact]
    public void Another_number_of_partitions_is_refused()
    {
        PartitionedQueue.Open(QueueDirectory, Count, Small).Dispose();
        ArgumentException error = Assert.Throws<ArgumentException>(() => PartitionedQueue.Open(QueueDirectory, 9, Small));
        Assert.Contains($"'{QueueDirectory}' has 8 partitions; 9 were requested", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => PartitionedQueue.Open(Beside("other"), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartitionedQueue.Open(Beside("other"), 1025));
        Assert.Equal(StorageFailure.NotFound,
            Assert.Throws<EstreamStorageException>(() => PartitionedQueue.OpenReadOnly(Beside("other"))).Reason);
    }

    [Fact]
    public void A_directory_is_a_queue_or_a_partitioned_queue()
    {
        PartitionedQueue.Open(QueueDirectory, Count, Small).Dispose();
        AssertNames<EstreamFormatException>(QueueDirectory, null, () => EstreamQueue.Open(QueueDirectory));
        Assert.True(PartitionedQueue.IsPartitioned(QueueDirectory));
        EstreamQueue.Open(Beside("plain"), Small).Dispose();
        AssertNames<EstreamFormatException>(Beside("plain"), null, () => PartitionedQueue.Open(Beside("plain"), Count));
        Assert.False(PartitionedQueue.IsPartitioned(Beside("plain")));
    }

    [Fact]
    public void A_damaged_number_of_partitions_is_reported()
    {
        PartitionedQueue.Open(QueueDirectory, Count, Small).Dispose();
        string path = InQueue("partitions.meta");
        byte[] whole = File.ReadAllBytes(path);
        for (int offset = 0; offset < 40; offset++)
        {
            File.WriteAllBytes(path, whole);
            InvertByte(path, offset);
            EstreamException error = Assert.ThrowsAny<EstreamException>(() => PartitionedQueue.Open(QueueDirectory, Small));
            Assert.Equal(path, error.Path);
        }
    }

    [Fact]
    public void A_queue_opened_read_only_reads_and_does_not_append()
    {
        using (PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Small))
        {
            Append(queue, 10);
        }

        using PartitionedQueue readOnly = PartitionedQueue.OpenReadOnly(QueueDirectory);
        using PartitionedTailer tailer = readOnly.CreateTailer();
        Assert.Equal(10, Read(tailer, int.MaxValue));
        Assert.Throws<InvalidOperationException>(() => readOnly.CreateAppender());
        Assert.Throws<InvalidOperationException>(() => readOnly.JoinGroup("group"));
        Assert.Throws<InvalidOperationException>(() => readOnly.CreateTailer("name"));
    }

    [Fact]
    public void Appending_by_key_allocates_nothing()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 4);
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] key = new byte[8], payload = new byte[64];
        void AppendNext()
        {
            key[0]++;
            appender.Append(key, payload);
        }

        for (int i = 0; i < 1_000; i++)
        {
            AppendNext();
        }

        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, AppendNext));
    }

    private static void Append(PartitionedQueue queue, int messages)
    {
        using PartitionedAppender appender = queue.CreateAppender();
        for (int i = 0; i < messages; i++)
        {
            (int partition, long position) = appender.Append(
                Encoding.ASCII.GetBytes($"key-{i % 10}"), Encoding.ASCII.GetBytes($"key-{i % 10} {i / 10}"));
            Assert.InRange(position, 1, appender.Of(partition).NextPosition - 1);
        }
    }

    private static int Read(PartitionedTailer tailer, int most)
    {
        int count = 0;
        while (count < most && tailer.TryRead(out _, out _))
        {
            count++;
        }

        return count;
    }
}
