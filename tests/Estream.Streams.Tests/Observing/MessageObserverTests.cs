using Estream.Core;
using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Testing;

namespace Estream.Streams.Tests.Observing;

/// <summary>A pipeline thread reports its messages, and another thread reads the latencies and traces.</summary>
public sealed class MessageObserverTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private readonly MessageObserver _sight = new(SystemClock.Instance);

    public MessageObserverTests()
    {
        _queue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        _appender = _queue.CreateAppender();
        _tailer = _queue.CreateTailer();
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _appender.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Latencies_are_not_recorded_without_a_reader()
    {
        Take(3);
        _sight.Complete();
        Assert.Null(_sight.Tape);
        Assert.Null(_sight.Latency);
        Assert.Equal((0, 0), (_sight.Traced, _sight.Untraced));
    }

    [Fact]
    public void Traces_are_published_after_the_checkpoint()
    {
        Ask(every: 1, credits: 10);
        Take(2);
        Assert.Null(_sight.Tape!.TryRead());
        _sight.Complete();
        Assert.Equal([0, 1], Shown());
        Assert.Equal(2, _sight.Traced);
    }

    [Fact]
    public void Retracted_messages_are_not_traced()
    {
        Ask(every: 1, credits: 10);
        Take(1);
        TakeOne(done: false);
        _sight.Retract();
        Take(1);
        _sight.Complete();
        Assert.Equal([0, 2], Shown());
    }

    [Fact]
    public void A_redelivered_message_is_traced_once()
    {
        Ask(every: 1, credits: 10);
        Take(2);
        _sight.Complete();
        Take(2);
        _sight.Forget();
        Take(1);
        _sight.Complete();
        Assert.Equal([0, 1, 4], Shown());
        Assert.Equal(3, _sight.Traced);
    }

    [Fact]
    public void Every_nth_message_is_traced_while_credits_last()
    {
        Ask(every: 3, credits: 2);
        Take(12);
        _sight.Complete();
        Assert.Equal([2, 5], Shown());
        Assert.Equal((2, 2, 0), (_sight.Traced, _sight.Untraced, _sight.Credits));
        _sight.Trace(0);
        Take(12);
        Assert.Equal(2, _sight.Untraced);
    }

    [Theory]
    [InlineData(5, 100, 5)]
    [InlineData(5, 3, 3)]
    [InlineData(0, 100, 0)]
    public void Credits_accumulate_up_to_the_limit(long count, long most, long expected)
    {
        _sight.Credit(count, most);
        Assert.Equal(expected, _sight.Credits);
        _sight.Credit(1, 1);
        Assert.Equal(1, _sight.Credits);
    }

    [Fact]
    public void Full_tape_stops_tracing_until_it_is_read()
    {
        Ask(every: 1, credits: 10_000);
        Take(TraceTape.Capacity + 5);
        _sight.Complete();
        Assert.Equal((TraceTape.Capacity, 5), (_sight.Traced, _sight.Untraced));
        Assert.Equal(TraceTape.Capacity, Shown().Count);
        Take(1);
        _sight.Complete();
        Assert.Equal([TraceTape.Capacity + 5L], Shown());
    }

    [Fact]
    public void Trace_slot_counts_excess_visits_and_resets_for_the_next_message()
    {
        Ask(every: 1, credits: 10_000);
        TakeOne(done: false);
        for (int place = 0; place < TraceSlot.MaxVisits + 3; place++)
        {
            _sight.Visit(place);
        }

        _sight.Reject("why");
        _sight.Taken(isPassed: true);
        _sight.Complete();
        TraceSlot slot = _sight.Tape!.TryRead()!;
        Assert.Equal((TraceSlot.MaxVisits + 3, TraceSlot.MaxVisits, "why", true),
            (slot.Visits, slot.Places.Length, slot.Reason, slot.IsPassed));
        Assert.Equal(TraceSlot.MaxVisits - 1, slot.Places[^1]);
        Assert.True(slot.BeganAt <= slot.Times[0] && slot.Times[^1] <= slot.EndedAt && slot.EndedAt <= slot.PermanentAt);
        _sight.Tape.Release();
        Take(TraceTape.Capacity);
        _sight.Complete();
        Assert.All(Enumerable.Range(0, TraceTape.Capacity), _ => Assert.Equal((0, null, false), Next()));
    }

    [Fact]
    public void Untraced_message_leaves_no_trace()
    {
        Ask(every: 2, credits: 10);
        TakeOne(done: false);
        _sight.Visit(1);
        _sight.Reject("why");
        _sight.Taken(isPassed: false);
        _sight.Complete();
        Assert.Null(_sight.Tape!.TryRead());
    }

    [Fact]
    public void Tracing_a_message_allocates_nothing()
    {
        Ask(every: 1, credits: long.MaxValue / 2);
        Assert.Equal(0, AllocationMeter.OnThisThread(2_000, () =>
        {
            Take(1);
            _sight.Complete();
            _sight.Tape!.Release();
        }));
    }

    [Fact]
    public async Task Concurrent_reader_sees_every_trace_once_complete_and_in_order()
    {
        const int Messages = 200_000;
        Ask(every: 1, credits: Messages);
        long seen = 0, last = -1;
        bool isDone = false;
        Task reader = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isDone) || _sight.Tape!.TryRead() is not null)
                {
                    if (_sight.Tape!.TryRead() is { } slot)
                    {
                        Assert.True(slot.Sequence > last);
                        Assert.Equal((int)(slot.Sequence % 7), slot.Visits);
                        Assert.All(slot.Places.ToArray(), place => Assert.Equal((int)slot.Sequence, place));
                        (last, seen) = (slot.Sequence, seen + 1);
                        _sight.Tape.Release();
                    }
                }
            },
            TaskCreationOptions.LongRunning);
        Write(Messages, reader);
        _sight.Complete();
        Volatile.Write(ref isDone, true);
        await reader;
        Assert.Equal(_sight.Traced, seen);
        Assert.Equal(Messages, _sight.Traced + _sight.Untraced);
    }

    private void Write(int messages, Task reader)
    {
        for (int i = 0; i < messages && !reader.IsCompleted; i++)
        {
            _appender.Append("x"u8);
            Assert.True(_tailer.TryRead(out QueueMessage message));
            _sight.Take(in message, side: 0);
            for (int visit = 0; visit < message.Sequence % 7; visit++)
            {
                _sight.Visit((int)message.Sequence);
            }

            _sight.Taken(isPassed: false);
            if (i % 5 == 0)
            {
                _sight.Complete();
            }
        }
    }

    private (int Visits, string? Reason, bool IsPassed) Next()
    {
        TraceSlot slot = _sight.Tape!.TryRead()!;
        (int, string?, bool) found = (slot.Visits, slot.Reason, slot.IsPassed);
        _sight.Tape.Release();
        return found;
    }

    private void Ask(int every, long credits)
    {
        _sight.Trace(every);
        _sight.Credit(credits, credits);
    }

    private void Take(int count)
    {
        for (int i = 0; i < count; i++)
        {
            TakeOne(done: true);
        }
    }

    private void TakeOne(bool done)
    {
        _appender.Append("x"u8);
        Assert.True(_tailer.TryRead(out QueueMessage message));
        _sight.Take(in message, side: 0);
        if (done)
        {
            _sight.Taken(isPassed: false);
        }
    }

    private List<long> Shown()
    {
        List<long> shown = [];
        while (_sight.Tape!.TryRead() is { } slot)
        {
            shown.Add(slot.Sequence);
            _sight.Tape.Release();
        }

        return shown;
    }
}
