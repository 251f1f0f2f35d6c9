using Estream.Streams.Observing;

namespace Estream.Circuits.Observing;

/// <summary>Builds a <see cref="MessageTrace"/> from what the thread of an output recorded.</summary>
/// <param name="circuit">The circuit.</param>
/// <param name="output">The output.</param>
/// <param name="end">Where its paths end: the output, or the node before it that keeps state.</param>
/// <param name="places">The inputs, nodes and outputs of its plan, by number.</param>
/// <param name="sources">The queues it reads: one, or two for a join.</param>
internal sealed class TraceMaker(string circuit, string output, string end, IReadOnlyList<string> places,
    IReadOnlyList<(string Name, long Id)> sources)
{
    public MessageTrace Make(TraceSlot slot)
    {
        List<TraceStep> steps = new(slot.Places.Length);
        for (int i = 0; i < slot.Places.Length; i++)
        {
            string place = slot.Places[i] == Running.CircuitPlan.Out ? end : places[slot.Places[i]];

            // An input, node or output with invariants has several instructions.
            if (steps.Count == 0 || steps[^1].Place != place)
            {
                steps.Add(new TraceStep(place, Span(slot.Times[i] - slot.BeganAt)));
            }
        }

        // The second side of a join has no path of its own: the first side looks it up.
        int leftOut = Math.Max(0, slot.Visits - TraceSlot.MaxVisits);
        TraceOutcome outcome = slot switch
        {
            { Reason: not null } => TraceOutcome.Rejected,
            { IsPassed: true } => TraceOutcome.Passed,
            { Side: 1 } => TraceOutcome.Taken,
            _ => slot.IsOut ? TraceOutcome.Taken : TraceOutcome.Dropped,
        };
        (string queue, long id) = sources[slot.Side];
        return new MessageTrace(
            circuit, output, queue, id, slot.Sequence, Moment(slot.AppendedAt), Moment(slot.BeganAt + slot.UtcOffset), steps, leftOut,
            Span(slot.EndedAt - slot.BeganAt), Span(slot.PermanentAt - slot.BeganAt), outcome, slot.Reason);
    }

    private static DateTimeOffset Moment(long utcNanos) => DateTimeOffset.UnixEpoch.AddTicks(utcNanos / TimeSpan.NanosecondsPerTick);

    private static TimeSpan Span(long nanos) => TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick);
}
