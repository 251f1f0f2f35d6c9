using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Every subscriber receives each event exactly as appended and in order, whenever it starts and however slow it is.</summary>
public sealed class EventTests : StreamCase
{
    private const int Writers = 3;
    private const int Each = 2_000;

    [Fact]
    public async Task Every_subscriber_gets_every_event_of_every_writer_in_one_order()
    {
        var begin = new TaskCompletionSource();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            await begin.Task;
            using QueueAppender appender = Queue.CreateAppender();
            var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int i = 0; i < Each; i++)
            {
                Append(readings, (writer * Each) + i);
            }
        }))];
        Task<List<byte[]>>[] subscribers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ReadAll(Writers * Each)))];
        begin.SetResult();
        await Task.WhenAll(writers);
        List<byte[]>[] seen = await Task.WhenAll(subscribers);
        List<byte[]> late = ReadAll(Writers * Each);
        foreach (List<byte[]> one in seen)
        {
            Assert.Equal(late, one);
        }

        double[] values = [.. late.Select(bytes => IoTTelemetry.View.Of(bytes).Value)];
        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.Equal(Enumerable.Range(writer * Each, Each).Select(i => (double)i), values.Where(value => (int)value / Each == writer));
        }

        Assert.All(late, bytes => Assert.Equal(Reading(IoTTelemetry.View.Of(bytes).Value), bytes));
    }

    [Fact]
    public void A_named_subscriber_that_went_away_misses_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        List<double> seen = [];
        for (int turn = 0; turn < 10; turn++)
        {
            Append(readings, turn);
            Append(readings, turn + 0.5);
            using QueueTailer tailer = Queue.CreateTailer("subscriber");
            var received = new EsfTailer<IoTTelemetry.View>(tailer);
            Assert.True(received.TryRead(out EsfMessage<IoTTelemetry.View> message));
            seen.Add(message.View.Value);
            tailer.Commit();
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => i / 2.0), seen);
    }

    [Fact]
    public void An_event_allocates_nothing_with_several_subscribers()
    {
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(Queue.Directory, "large"));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[17 << 20]);
        using QueueTailer first = queue.CreateTailer();
        using QueueTailer second = queue.CreateTailer();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        var one = new EsfTailer<IoTTelemetry.View>(first);
        var two = new EsfTailer<IoTTelemetry.View>(second);
        double sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, () =>
        {
            Append(readings, 0.5);
            sum += one.TryRead(out EsfMessage<IoTTelemetry.View> a) && two.TryRead(out EsfMessage<IoTTelemetry.View> b)
                ? a.View.Value + b.View.Value
                : 0;
        }));
        Assert.True(sum >= 10_000);
    }

    private List<byte[]> ReadAll(int count)
    {
        List<byte[]> seen = [];
        using QueueTailer tailer = Queue.CreateTailer();
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        while (seen.Count < count)
        {
            if (received.TryRead(out EsfMessage<IoTTelemetry.View> message))
            {
                seen.Add(message.View.Bytes.ToArray());
            }
            else
            {
                Assert.True(tailer.WaitToRead(ChildProcess.DefaultLimit));
            }
        }

        Assert.False(received.TryRead(out _));
        return seen;
    }
}
