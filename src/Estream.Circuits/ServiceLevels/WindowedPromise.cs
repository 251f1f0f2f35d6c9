using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.ServiceLevels;

/// <summary>A promise that is measured over windows of one length, one behind the other: the slowest output counts.</summary>
internal abstract class WindowedPromise<TCount>(string name, string promised, TimeSpan window, IReadOnlyList<MonitoredOutput> outputs)
    : Promise(name, promised)
{
    private const double NanosPerSecond = 1e9;

    private readonly TCount[] _before = new TCount[outputs.Count];
    private readonly bool[] _hadWaiting = new bool[outputs.Count];
    private long? _begin;

    protected abstract TCount CountOf(MonitoredOutput output);

    /// <summary>What is to be said of one output.</summary>
    /// <param name="output">The output.</param>
    /// <param name="before">Its count at the window's beginning.</param>
    /// <param name="now">Its count at the window's end.</param>
    /// <param name="seconds">How long the window was.</param>
    /// <param name="isBusy">Whether messages waited at both.</param>
    /// <returns>What was measured, and how near it is to being broken, from 0: more than 1 is broken; null where there is nothing to
    /// say.</returns>
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

            // One window ends where the next begins.
            (_before[i], _hadWaiting[i]) = (count, hasWaiting);
        }

        bool isFirst = _begin is null;
        _begin = now;

        // What had nothing to do has broken nothing.
        return isFirst ? null : worst is { } found ? (found.Measured, found.Share <= 1) : ("", true);
    }
}

/// <summary>An output of a circuit, as promises look at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Results">What makes its results.</param>
/// <param name="Input">The queue that it reads.</param>
/// <param name="Latency">What times its messages; null where nobody asks.</param>
internal sealed record MonitoredOutput(string Name, EsfPipeline Results, EstreamQueue Input, LatencyMeter? Latency)
{
    /// <summary>Whether messages wait to be taken.</summary>
    public bool HasWaiting => Input.EndPosition() > Results.Position;
}
