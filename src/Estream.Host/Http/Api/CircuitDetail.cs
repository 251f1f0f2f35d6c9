using Estream.Circuits;

namespace Estream.Host.Http;

/// <summary>The response of <c>/api/circuits/{name}</c>: the address, elements and flows of a circuit, and how its outputs are
/// observed.</summary>
internal sealed record CircuitDetail(
    string Name, string Address, string Version, string? Description, string Tenant, IReadOnlyList<CircuitElement> Places,
    IReadOnlyList<CircuitEdge> Flows, IReadOnlyList<ObservationOverview> Observations)
{
    public static CircuitDetail Of(RunningCircuit running)
    {
        Circuit circuit = running.Circuit;
        return new CircuitDetail(
            circuit.Name, circuit.Address.ToString(), circuit.Version.ToString(), circuit.Description, running.Tenant,
            [
                .. circuit.Inputs.Select(input =>
                    new CircuitElement(input.Name, input.Every is null ? "input" : "timer", input.Schema.QualifiedName, input.Queue)),
                .. circuit.Nodes.Select(node => new CircuitElement(node.Id, node.Kind, node.Makes.QualifiedName, null)),
                .. circuit.Outputs.Select(output =>
                    new CircuitElement(output.Name, "output", output.Schema.QualifiedName, output.Queue ?? output.Map)),
            ],
            [.. circuit.Flows.Select(flow => new CircuitEdge(flow.From, flow.To))],
            [.. running.Observations.Select(ObservationOverview.Of)]);
    }
}

/// <summary>An input, node or output. <paramref name="Kind"/> is <c>input</c>, <c>timer</c>, <c>output</c> or the kind of the node;
/// <paramref name="At"/> is the queue or map of an input or output.</summary>
internal sealed record CircuitElement(string Name, string Kind, string Schema, string? At);

/// <summary>A flow of messages from one element to another.</summary>
internal sealed record CircuitEdge(string From, string To);

/// <summary>The observation of an output stream. Latencies are in milliseconds since the start of the host; null if nothing was
/// measured.</summary>
internal sealed record ObservationOverview(
    string Output, string Level, string Effective, DateTimeOffset? Until, int TraceEvery, long TracedTotal, long UntracedTotal,
    double? P50Ms, double? P99Ms, double? P999Ms)
{
    private const int Median = 500, P99 = 990, P999 = 999;

    public static ObservationOverview Of(StreamObservation stream) => new(
        stream.Output, Levels.TextOf(stream.Level), Levels.TextOf(stream.Effective), stream.Until, stream.TraceEvery, stream.Traced,
        stream.Untraced,
        stream.LatencyOf(Median)?.TotalMilliseconds, stream.LatencyOf(P99)?.TotalMilliseconds, stream.LatencyOf(P999)?.TotalMilliseconds);
}

/// <summary>The trace of one message. Times in microseconds are relative to <paramref name="BeganAt"/>.</summary>
internal sealed record TraceOverview(
    string TraceId, string Output, string Queue, long Sequence, DateTimeOffset AppendedAt, DateTimeOffset BeganAt,
    IReadOnlyList<TraceStepOverview> Steps, int LeftOut,
    double ProcessedUs, double PermanentUs, string Outcome, string? Reason)
{
    public static TraceOverview Of(MessageTrace trace) => new(
        trace.TraceId, trace.Output, trace.Queue, trace.Sequence, trace.AppendedAt, trace.BeganAt,
        [.. trace.Steps.Select(step => new TraceStepOverview(step.Place, step.After.TotalMicroseconds))],
        trace.LeftOut, trace.Processed.TotalMicroseconds, trace.Permanent.TotalMicroseconds, trace.Outcome.ToString().ToLowerInvariant(),
        trace.Reason);
}

internal sealed record TraceStepOverview(string Place, double AfterUs);
