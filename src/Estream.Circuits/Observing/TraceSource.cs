using System.Diagnostics;
using System.Globalization;

namespace Estream.Circuits.Observing;

/// <summary>Emits traces as activities to listeners such as OpenTelemetry. Names follow the OpenTelemetry semantic conventions for
/// messaging.</summary>
internal static class TraceSource
{
    private const string SpanPrefix = "process ";

    private static readonly ActivitySource s_source = new(StreamObservation.ActivitySourceName);

    public static void EmitTrace(MessageTrace trace, string tenant)
    {
        if (!s_source.HasListeners())
        {
            return;
        }

        // The current activity of this thread is unrelated: a trace has no parent.
        Activity? current = Activity.Current;
        Activity.Current = null;
        try
        {
            Write(trace, tenant);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private static void Write(MessageTrace trace, string tenant)
    {
        ActivityContext message = new(TraceIds.Of(trace.QueueId, trace.Sequence), default, ActivityTraceFlags.Recorded);
        using Activity? span = s_source.StartActivity(SpanPrefix + trace.Queue, ActivityKind.Consumer, message, TagsOf(trace, tenant),
            links: null, trace.BeganAt);
        if (span is null)
        {
            return;
        }

        foreach (TraceStep step in trace.Steps)
        {
            _ = span.AddEvent(new ActivityEvent(step.Place, trace.BeganAt + step.After));
        }

        _ = span.AddEvent(new ActivityEvent("processed", trace.BeganAt + trace.Processed));
        if (trace.Reason is not null)
        {
            _ = span.SetStatus(ActivityStatusCode.Error, trace.Reason);
        }

        _ = span.SetEndTime((trace.BeganAt + trace.Permanent).UtcDateTime);
    }

    private static KeyValuePair<string, object?>[] TagsOf(MessageTrace trace, string tenant) =>
    [
        new("messaging.system", "estream"),
        new("messaging.operation.name", "process"),
        new("messaging.operation.type", "process"),
        new("messaging.destination.name", trace.Queue),
        new("messaging.message.id", trace.Sequence.ToString(CultureInfo.InvariantCulture)),
        new("estream.circuit", trace.Circuit),
        new("estream.circuit.output", trace.Output),
        new("estream.tenant", tenant),
        new("estream.outcome", NameOf(trace.Outcome)),
        new("estream.waited_ms", Math.Max(0, (trace.BeganAt - trace.AppendedAt).TotalMilliseconds)),
    ];

    private static string NameOf(TraceOutcome outcome) => outcome switch
    {
        TraceOutcome.Taken => "taken",
        TraceOutcome.Dropped => "dropped",
        TraceOutcome.Rejected => "rejected",
        _ => "passed",
    };
}
