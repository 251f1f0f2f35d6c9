using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Map;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Checks that need the complete circuit: message lengths of outputs, unused timers, addresses, and conflicts between queues and
/// maps.</summary>
internal static class CircuitChecks
{
    public static void Check(Circuit circuit, DiagnosticSink sink)
    {
        foreach (CircuitPort output in circuit.Outputs)
        {
            CheckCapacity(circuit, output, sink);
        }

        foreach (CircuitPort timer in circuit.Inputs.Where(input =>
            input.Every is not null && circuit.Flows.All(flow => flow.From != input.Name)))
        {
            sink.Report(CircuitCodes.Loose, timer.Position, CircuitMessages.NoOutgoingFlow(timer.Name));
        }

        foreach (IGrouping<LexAddress, (LexAddress Address, string Name)> same in Addressed(circuit).GroupBy(one => one.Address)
            .Where(group => group.Count() > 1))
        {
            string[] names = [.. same.Select(one => one.Name)];
            sink.Report(CircuitCodes.Address, circuit.Outputs[0].Position,
                CircuitMessages.AddressTwice(same.Key.ToString(), names[0], names[1]));
        }

        foreach (DeclaredPipeline pipeline in circuit.Pipelines)
        {
            if (pipeline.QueuesWritten.FirstOrDefault(queue =>
                circuit.Inputs.Any(input => input.Queue == queue) || queue == pipeline.JoinedQueue) is string both)
            {
                sink.Report(CircuitCodes.Conflict, pipeline.Position, CircuitMessages.SameQueue(both));
                return;
            }
        }

        PipelineConflicts.Check(circuit.Pipelines, sink);
    }

    private static IEnumerable<(LexAddress Address, string Name)> Addressed(Circuit circuit) =>
        circuit.Outputs.Select(output => (output.Address!, output.Name)).Prepend((circuit.Address, circuit.Name));

    private static void CheckCapacity(Circuit circuit, CircuitPort output, DiagnosticSink sink)
    {
        int most = output.Map is null ? circuit.MaxBytes : Math.Min(circuit.MaxBytes, LatestEntry.InlineBytes);
        int least = RecordLayout.OfMessage(output.Schema.Definition.Record).FixedLength;
        if (least > most)
        {
            sink.Report(CircuitCodes.Limit, output.Position, PipelineMessages.TooShort(most, output.Schema.QualifiedName, least));
        }

        if (output is { Queue: not null, Schema.SubLexes.Count: > 0 })
        {
            sink.Report(CircuitCodes.Private, output.Position, PipelineMessages.SubLexes(output.Schema.QualifiedName));
        }
    }
}
