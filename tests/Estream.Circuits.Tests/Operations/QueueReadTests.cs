using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Reading by sequence number: each message comes once and complete, and missing messages are reported.</summary>
public sealed class QueueReadTests : OperationCase
{
    [Fact]
    public void A_read_of_a_message_beyond_the_result_limit_returns_TooLong_and_the_next_message_is_read()
    {
        EstreamQueue log = Queue("log", new QueueOptions { SegmentBytes = 128 << 20 });
        Append(log, new byte[EsfLimits.MaxMessageBytes], [7]);
        OperationCircuit read = Open("queue.read", With(log));
        Assert.Equal("""{"status":"TooLong"}""", Do(read, """{"sequence":0}"""));
        Assert.Equal("""{"status":"TooLong"}""", Do(read, """{"sequence":0}"""));
        Assert.StartsWith("""{"status":"Done","payload":"07",""", Do(read, """{"sequence":1}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_of_a_reclaimed_message_returns_Absent_by_position_and_the_oldest_message_by_number()
    {
        EstreamQueue log = Queue("log");
        Append(log, [.. Enumerable.Range(0, 200).Select(_ => new byte[1_000])]);
        Assert.True(log.ApplyRetention(64 << 10, TimeSpan.Zero).Segments > 0);
        QueueInfo info = log.GetInfo();
        OperationCircuit read = Open("queue.read", With(log));
        Assert.Equal("""{"status":"Absent"}""", Do(read, """{"position":256}"""));
        Assert.Contains($"\"position\":{info.FirstPosition},\"sequence\":{info.FirstSequence},", Do(read, """{"sequence":0}"""),
            StringComparison.Ordinal);
        Assert.Contains($"\"sequence\":{info.FirstSequence + 1},", Do(read, $$"""{"sequence":{{info.FirstSequence + 1}}}"""),
            StringComparison.Ordinal);
        Assert.Contains($"\"sequence\":{info.FirstSequence},", Do(read, """{"time":0}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_continues_when_retention_reclaims_the_position_it_waited_at()
    {
        EstreamQueue log = Queue("log");
        OperationCircuit read = Open("queue.read", With(log));
        Assert.Equal("""{"status":"Absent"}""", Do(read, """{"sequence":0}"""));
        Append(log, [.. Enumerable.Range(0, 200).Select(_ => new byte[1_000])]);
        Assert.True(log.ApplyRetention(64 << 10, TimeSpan.Zero).Segments > 0);

        // The queue caches for some milliseconds that the first segment does not exist.
        string oldest = $"\"sequence\":{log.GetInfo().FirstSequence},";
        Eventually.True(() => Do(read, """{"sequence":0}""").Contains(oldest, StringComparison.Ordinal), "the oldest message comes");
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_read_returns_Absent_until_the_message_is_appended_and_can_be_repeated(AppenderMode mode)
    {
        EstreamQueue log = Queue("log");
        using QueueAppender appender = log.CreateAppender(mode);
        OperationCircuit read = Open("queue.read", With(log));
        for (int i = 0; i < 10; i++)
        {
            string request = $$"""{"sequence":{{i}}}""";
            Assert.Equal("""{"status":"Absent"}""", Do(read, request));
            long position = appender.Append([(byte)i]);
            string result = Do(read, request);
            Assert.StartsWith($$"""{"status":"Done","payload":"0{{i}}","position":{{position}},"sequence":{{i}},""", result,
                StringComparison.Ordinal);
            Assert.Equal(result, Do(read, request));
            Assert.Equal(result, Do(read, $$"""{"position":{{position}}}"""));
        }
    }

    [Fact]
    public void Reads_of_consecutive_numbers_return_every_message_across_segments()
    {
        EstreamQueue log = Queue("log");
        Append(log, [.. Enumerable.Range(0, 2_000).Select(i => Utf8($"{i}:{new string('x', i % 300)}"))]);
        Assert.True(log.GetInfo().SegmentCount > 2);
        OperationCircuit read = Open("queue.read", With(log));
        EsfField payload = read.Operation.Result.Fields.First(field => field.Name == "payload");
        EsfField sequence = read.Operation.Result.Fields.First(field => field.Name == "sequence");
        List<string> texts = [];
        MessageBatch requests = new();
        MessageBatch results = new();
        long next = 0;
        for (bool isMore = true; isMore;)
        {
            requests.Clear();
            for (int i = 0; i < 70; i++)
            {
                requests.Append(Encode(read.Operation.Request, $$"""{"sequence":{{next + i}}}"""));
            }

            read.Run(requests, results);
            int done = 0;
            while (done < results.Count && read.Operation.StatusOf(results[done]) == OperationStatus.Done)
            {
                Assert.True(payload.TryGetBytes(results[done], out ReadOnlySpan<byte> bytes)
                    && sequence.TryGetInt64(results[done], out next));
                texts.Add(System.Text.Encoding.UTF8.GetString(bytes));
                next++;
                done++;
            }

            isMore = done == results.Count;
        }

        Assert.Equal(Texts(log), texts);
        Assert.Equal(2_000, texts.Count);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1_000)]
    public void Reads_of_future_numbers_do_not_search_for_each_number(int first)
    {
        EstreamQueue log = Queue("log");
        Append(log, [1], [2], [3]);
        OperationCircuit read = Open("queue.read", With(log));
        MessageBatch requests = new();
        MessageBatch results = new();
        for (int i = 0; i < 70; i++)
        {
            requests.Append(Encode(read.Operation.Request, $$"""{"sequence":{{first + i}}}"""));
        }

        // A search for a missing message throws, and throwing allocates.
        Assert.Equal(0, AllocationMeter.OnThisThread(10, () => read.Run(requests, results)));
        Assert.Equal(70, results.Count);
        Assert.All(Enumerable.Range(0, results.Count), i => Assert.Equal(OperationStatus.Absent, read.Operation.StatusOf(results[i])));

        // New messages are still found, and so are earlier messages.
        Append(log, [4]);
        Assert.Equal("""{"status":"Absent"}""", Do(read, """{"sequence":4}"""));
        Assert.StartsWith("""{"status":"Done","payload":"04",""", Do(read, """{"sequence":3}"""), StringComparison.Ordinal);
        Assert.Equal("""{"status":"Absent"}""", Do(read, """{"sequence":1000}"""));
        Assert.StartsWith("""{"status":"Done","payload":"01",""", Do(read, """{"sequence":0}"""), StringComparison.Ordinal);
    }

    private static void Append(EstreamQueue queue, params byte[][] payloads)
    {
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        foreach (byte[] payload in payloads)
        {
            appender.Append(payload);
        }
    }
}
