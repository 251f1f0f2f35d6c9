using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>The pipeline of a circuit that writes in transactions: one pipeline with the plans of all outputs.</summary>
internal static class TransactionPipeline
{
    /// <summary>The part of the pipeline's name that follows the name of the circuit.</summary>
    public const string Name = "transaction";

    public static DeclaredPipeline Of(Circuit circuit, IReadOnlyList<CircuitPlan> plans, string? rejected)
    {
        CircuitPort input = circuit.Inputs[0];
        PipelineHead head = new($"{circuit.Name}.{Name}", circuit.Outputs[0].Position, circuit.Description, input.Queue!, input.Schema,
            input.Audience, rejected, circuit.MaxBytes)
        {
            UnreadableAction = UnreadableAction.Reject,
            Timer = input.Every is null ? null : $"{circuit.Name}.{input.Name}",
        };
        return new DeclaredPipeline(
            head, [new TransactionStep(plans)],
            new TransactionOperator(input.Schema, [.. circuit.Outputs.Select(output => output.Queue!)]),
            new Sink(circuit.TransactionLog, null, null),
            Fingerprint.Of(circuit.Fingerprint, [input.Schema.Id, .. circuit.Outputs.Select(output => output.Schema.Id)]));
    }
}

/// <summary>The plans of all outputs as one step of a pipeline.</summary>
internal sealed record TransactionStep(IReadOnlyList<CircuitPlan> Plans) : Step
{
    public override IEnumerable<string> Lookups => Plans.SelectMany(plan => new CircuitStep(plan).Lookups).Distinct();

    public override IReadOnlyList<string> ElementNames => [.. Plans.SelectMany(plan => new CircuitStep(plan).ElementNames)];

    public override int MaxRoutes { get; } = Plans.Sum(plan => plan.MaxRoutes);

    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects) =>
        stream.Then<Record>(next => new TransactionPlansStage(Plans, opening, rejects, next), Plans.All(plan => plan.IsRepeatable));
}

/// <summary>Runs each message through the plans of all outputs. One thread.</summary>
internal sealed class TransactionPlansStage : Stage<Record>
{
    private readonly CircuitStage[] _plans;

    public TransactionPlansStage(IReadOnlyList<CircuitPlan> plans, PipelineContext opening, Rejects rejects, Stage<Record> next)
    {
        _plans = new CircuitStage[plans.Count];
        int firstElement = 0;
        for (int output = 0; output < plans.Count; output++)
        {
            _plans[output] = new CircuitStage(plans[output], opening, rejects, next, output, firstElement);
            firstElement += plans[output].Entries.Count;
        }
    }

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        foreach (CircuitStage plan in _plans)
        {
            plan.Push(in item, in message);
        }
    }
}
