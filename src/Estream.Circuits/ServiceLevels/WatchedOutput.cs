using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.ServiceLevels;

/// <summary>An output of a circuit, as promises look at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Results">What makes its results.</param>
/// <param name="Input">The queue that it reads.</param>
/// <param name="Latency">What times its messages; null where nobody asks.</param>
internal sealed record WatchedOutput(string Name, EsfPipeline Results, EstreamQueue Input, LatencyMeter? Latency)
{
    /// <summary>Whether messages wait to be taken.</summary>
    public bool HasWaiting => Input.EndPosition() > Results.Position;
}
