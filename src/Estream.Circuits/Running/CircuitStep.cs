using Estream.Streams;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>A whole plan as one stage of a pipeline.</summary>
internal sealed record CircuitStep(CircuitPlan Plan) : Step
{
    public override IEnumerable<string> Lookups => Plan.Entries.Select(entry => entry.Node?.Step).OfType<LookupStep>().Select(step => step.Map).Distinct();

    public override IReadOnlyList<string> Places => [.. Plan.Entries.Select(entry => entry.Place)];

    public override int Ways { get; } = Plan.Ways;

    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects) =>
        stream.Then<Record>(next => new CircuitStage(Plan, opening, rejects, next), Plan.IsRepeatable);
}
