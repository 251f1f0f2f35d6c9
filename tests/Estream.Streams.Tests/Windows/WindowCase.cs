using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>Base class with a queue of events and helpers for tests of windows.</summary>
public abstract class WindowCase : StreamCase
{
    private readonly QueueAppender _appender;
    private readonly EsfAppender<IoTTelemetry.Writer> _typed;

    private protected WindowCase()
    {
        _appender = Queue.CreateAppender();
        _typed = new EsfAppender<IoTTelemetry.Writer>(_appender);
        Readings = EsfStream.From<IoTTelemetry.View>(Queue);
    }

    private protected TempDirectory Maps { get; } = new();

    private protected EsfStream<IoTTelemetry.View> Readings { get; }

    private protected string StateDirectory => Maps.Combine("state");

    public override void Dispose()
    {
        _appender.Dispose();
        base.Dispose();
        Maps.Dispose();
    }

    private protected static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(seconds);

    private protected static Watermark Behind(long seconds) => Watermark.BoundedOutOfOrderness(Seconds(seconds));

    private protected void Append(params Beat[] beats)
    {
        foreach (Beat beat in beats)
        {
            beat.AppendTo(_typed);
        }
    }

    /// <summary>Appends events of one key at these times, with values that count from 1.</summary>
    private protected void AppendAt(params long[] times) => Append([.. times.Select((time, i) => new Beat(1, time, i + 1))]);

    private protected EsfWindows<IoTTelemetry.View> Tumbling(long size, long delay) =>
        Readings.Window(Streams.Windows.Tumbling(Seconds(size)), Beat.TimeOf, Behind(delay));

    private protected EsfWindows<IoTTelemetry.View> Sliding(long size, long advance, long delay) =>
        Readings.Window(Streams.Windows.Sliding(Seconds(size), Seconds(advance)), Beat.TimeOf, Behind(delay));

    private protected EsfSessions<IoTTelemetry.View> Session(long gap, long delay) =>
        Readings.Window(Streams.Windows.Session(Seconds(gap)), Beat.TimeOf, Behind(delay));

    private protected static StateMap<long, Windowed<long, Tally>> NewState() => StateMap.CreateInMemory<long, Windowed<long, Tally>>();

    private protected static IEnumerable<Tallied> Sorted(IEnumerable<Tallied> results) =>
        results.OrderBy(result => (result.Key, result.Start, result.End, result.Revision, result.Tally.Count, result.Tally.Sum));
}
