using Estream.Streams.Observing;

namespace Estream.Circuits.Observing;

/// <summary>Builds a <see cref="MessageTrace"/> from the slot that the thread of an output has filled.</summary>
/// <param name="circuit">The circuit.</param>
/// <param name="output">The output.</param>
/// <param name="end">The name of the element at which all paths end: the output, or the stateful node before the output.</param>
/// <param name="places">The input, node or output of each instruction of the plan, by index.</param>
/// <param name="sources">The queues that the output reads: one, or two for a join.</param>
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

        // Messages of the second queue of a join visit no instruction, so they count as taken unless they were rejected or skipped.
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
