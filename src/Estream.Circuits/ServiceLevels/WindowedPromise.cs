using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.ServiceLevels;

/// <summary>A promise that is measured over consecutive windows of one length. The slowest output counts.</summary>
internal abstract class WindowedPromise<TCount>(string name, string promised, TimeSpan window, IReadOnlyList<MonitoredOutput> outputs)
    : Promise(name, promised)
{
    private const double NanosPerSecond = 1e9;

    private readonly TCount[] _before = new TCount[outputs.Count];
    private readonly bool[] _hadWaiting = new bool[outputs.Count];
    private long? _begin;

    protected abstract TCount CountOf(MonitoredOutput output);

    /// <summary>Judges one output over a window.</summary>
    /// <param name="output">The output.</param>
    /// <param name="before">The count of the output at the start of the window.</param>
    /// <param name="now">The count of the output at the end of the window.</param>
    /// <param name="seconds">The length of the window.</param>
    /// <param name="isBusy">Whether messages were waiting at both the start and the end.</param>
    /// <returns>The measured value, and how close it is to breaking the promise: 0 or more, broken above 1. Null if no statement is
    /// possible.</returns>
    protected abstract (string Measured, double Share)? Judge(MonitoredOutput output, TCount before, TCount now, double seconds,
        bool isBusy);

    protected override (string Measured, bool IsMet)? Measure(long now)
    {
        if (_begin is long running && now - running < window.Ticks * TimeSpan.NanosecondsPerTick)
        {
            return null;
        }

        (string Measured, double Share)? worst = null;
        for (int i = 0; i < outputs.Count; i++)
        {
            (TCount count, bool hasWaiting) = (CountOf(outputs[i]), outputs[i].HasWaiting);
            if (_begin is long begin
                && Judge(outputs[i], _before[i], count, (now - begin) / NanosPerSecond, _hadWaiting[i] && hasWaiting) is { } judged
                && judged.Share >= (worst?.Share ?? 0))
            {
                worst = (outputs.Count > 1 ? $"{judged.Measured} ({outputs[i].Name})" : judged.Measured, judged.Share);
            }

            // The next window begins where this window ends.
            (_before[i], _hadWaiting[i]) = (count, hasWaiting);
        }

        bool isFirst = _begin is null;
        _begin = now;

        // Outputs with nothing to do break no promise.
        return isFirst ? null : worst is { } found ? (found.Measured, found.Share <= 1) : ("", true);
    }
}

/// <summary>An output of a circuit, as seen by promises.</summary>
/// <param name="Name">The name of the output.</param>
/// <param name="Results">The pipeline that produces its results.</param>
/// <param name="Input">The queue that the output reads.</param>
/// <param name="Latency">Measures the latency of its messages; null if that is not requested.</param>
internal sealed record MonitoredOutput(string Name, EsfPipeline Results, EstreamQueue Input, LatencyMeter? Latency)
{
    /// <summary>Whether messages are waiting to be read.</summary>
    public bool HasWaiting => Input.EndPosition() > Results.Position;
}
