using Estream.Circuits.Executions;
using Estream.Circuits.Reading;
using Estream.Esf;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>Creates a declared pipeline for each output of a circuit: the nodes that lead to it, compiled to one plan, followed by the
/// stateful operator, if any.</summary>
internal static class CircuitPipelines
{
    // Contains a space, so it never equals the name of an input, node or output.
    private const string UnreadableMark = " unreadable";

    /// <param name="circuit">The circuit.</param>
    /// <param name="rejected">The queue of rejected messages; null if there is none.</param>
    /// <param name="isTrial">True to append the results to the output queues even if the stream pattern consumes them.</param>
    public static IReadOnlyList<DeclaredPipeline> Of(Circuit circuit, string? rejected, bool isTrial = false)
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        if (circuit.TransactionLog is not null)
        {
            string input = circuit.Inputs[0].Name;
            return [TransactionPipeline.Of(circuit,
                [.. circuit.Outputs.Select(output =>
                    new PlanBuilder(circuit, Before(circuit, output.Name), output.Name, told).Build(input))], rejected)];
        }

        DeclaredPipeline[] outputs = [.. circuit.Outputs.Select(output => Of(circuit, output, rejected, told, isTrial))];
        return circuit.ExecutionRecords is not string records || circuit.Nodes.Any(node => node.Step is null or LookupStep)
            ? outputs
            : [.. outputs, .. circuit.Outputs.Select(output => ExecutionsOf(circuit, output, records, told))];
    }

    private static DeclaredPipeline ExecutionsOf(Circuit circuit, CircuitPort output, string records, HashSet<string> told)
    {
        HashSet<string> leading = Before(circuit, output.Name);
        CircuitPort input = circuit.Inputs.First(port => leading.Contains(port.Name));
        CircuitPlan plan = new PlanBuilder(circuit, leading, output.Name, told).Build(input.Name);
        return ExecutionPipelines.Of(circuit, input, output, plan, records);
    }

    /// <summary>Returns the stateful node directly before an output; null if there is none.</summary>
    public static CircuitNode? TerminalNode(Circuit circuit, CircuitPort output) =>
        circuit.Nodes.FirstOrDefault(node =>
            node.TerminalOperator is not null && circuit.Flows.Any(flow => flow.From == node.Id && flow.To == output.Name));

    private static DeclaredPipeline Of(Circuit circuit, CircuitPort output, string? rejected, HashSet<string> told, bool isTrial)
    {
        CircuitNode? last = TerminalNode(circuit, output);
        string end = last?.Id ?? output.Name;
        HashSet<string> leading = Before(circuit, end);
        CircuitPort input = circuit.Inputs.First(port => leading.Contains(port.Name));
        PlanBuilder plan = new(circuit, leading, end, told);
        TerminalOperator ending = last?.TerminalOperator ?? EndOf(circuit, output.Schema, isTrial);
        PipelineHead head = new($"{circuit.Name}.{output.Name}", output.Position, circuit.Description, input.Queue!, input.Schema,
            input.Audience, rejected, circuit.MaxBytes)
        {
            // Unreadable messages never stop a stream. Only the first pipeline that reads a queue reports them.
            UnreadableAction = told.Add(input.Queue! + UnreadableMark) ? UnreadableAction.Reject : UnreadableAction.Pass,
            Timer = input.Every is null ? null : $"{circuit.Name}.{input.Name}",
            OtherUnreadable = ending.Joined is string joined && told.Add(joined + UnreadableMark) ? UnreadableAction.Reject
            : UnreadableAction.Pass,
        };
        return new DeclaredPipeline(
            head, [new CircuitStep(plan.Build(input.Name))], ending, SinkOf(circuit, output, isTrial),
            Fingerprint.Of(circuit.Fingerprint, [input.Schema.Id, output.Schema.Id]));
    }

    private static TerminalOperator EndOf(Circuit circuit, EsfSchema schema, bool isTrial) => circuit.StreamPattern switch
    {
        PatternChecks.Media when !isTrial => new MediaOperator(schema),
        PatternChecks.MpcSession when !isTrial => new MpcOperator(schema),
        _ => new PassThroughOperator(schema) { TakesAnyPattern = isTrial },
    };

    private static Sink SinkOf(Circuit circuit, CircuitPort output, bool isTrial) => new(output.Queue, output.Map, output.KeyExpression)
    {
        IsSignal = circuit.StreamPattern == PatternChecks.Signal,
        IsLog = circuit.StreamPattern == PatternChecks.Log && !isTrial,
    };

    private static HashSet<string> Before(Circuit circuit, string end)
    {
        HashSet<string> found = [end];
        Queue<string> open = new(found);
        while (open.TryDequeue(out string? name))
        {
            foreach (CircuitFlow flow in circuit.Flows.Where(flow => flow.To == name && found.Add(flow.From)))
            {
                open.Enqueue(flow.From);
            }
        }

        return found;
    }
}

/// <summary>A complete plan as one step of a pipeline.</summary>
internal sealed record CircuitStep(CircuitPlan Plan) : Step
{
    public override IEnumerable<string> Lookups => Plan.Entries.Select(entry => entry.Node?.Step).OfType<LookupStep>()
        .Select(step => step.Map).Distinct();

    public override IReadOnlyList<string> ElementNames => [.. Plan.Entries.Select(entry => entry.Place)];

    public override int MaxRoutes { get; } = Plan.MaxRoutes;

    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects) =>
        stream.Then<Record>(next => new CircuitStage(Plan, opening, rejects, next), Plan.IsRepeatable);
}
