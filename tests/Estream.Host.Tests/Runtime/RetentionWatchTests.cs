using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Microsoft.Extensions.Logging;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: the host says once which named reader keeps a queue from shrinking, and how much it costs.</summary>
public sealed class RetentionWatchTests : IDisposable
{
    private const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly List<string> _log = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_reader_that_keeps_segments_beyond_the_limits_is_logged_once()
    {
        EstreamQueue queue = EstreamQueue.Open(_directory.Combine("q"),
            new QueueOptions { SegmentBytes = SegmentBytes, RetainedBytes = SegmentBytes, Clock = _clock });
        queue.CreateTailer("client-pod-1", TimeSpan.FromDays(7)).Dispose();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < 64; i++)
        {
            appender.Append(new byte[SegmentBytes / 16]);
        }

        using QueueRuntime runtime = new("trades", queue, new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate());
        RetentionWatch watch = new(_clock, new ListLogger(_log));
        watch.Look([runtime]);
        ReaderHold hold = Assert.Single(watch.Of("trades")!);
        Assert.Equal("client-pod-1", hold.Reader);
        Assert.InRange(hold.Bytes, 3 * SegmentBytes, 5 * SegmentBytes);
        Assert.Empty(_log);

        watch.Look([runtime]);
        Assert.Empty(_log);
        for (int i = 0; i < 3; i++)
        {
            _clock.Pass(TimeSpan.FromSeconds(30));
            watch.Look([runtime]);
        }

        Assert.Contains("remove-cursor", Assert.Single(_log), StringComparison.Ordinal);
        Assert.Contains("pod-1", _log[0], StringComparison.Ordinal);
        Assert.True(queue.RemoveTailer("client-pod-1"));
        _clock.Pass(TimeSpan.FromSeconds(30));
        watch.Look([runtime]);
        Assert.Null(watch.Of("trades"));
        Assert.Single(_log);
    }

    private sealed class ListLogger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
