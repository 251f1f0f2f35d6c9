using Estream.Streams;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>A whole plan as one stage of a pipeline.</summary>
internal sealed record CircuitStep(CircuitPlan Plan) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects) =>
        stream.Then<Record>(next => new CircuitStage(Plan, opening, rejects, next), Plan.IsRepeatable);
}

/// <summary>One of the maps that a plan looks at. It does nothing: the pipeline has to know of the map.</summary>
internal sealed record LooksAt(string Map) : Step
{
    public override string Lookup => Map;

    public override EsfStream<Record> Add(EsfStream<Record> stream, Opening opening, Rejects rejects) => stream;
}
