using System.Security.Cryptography;
using System.Text;
using Estream.Circuits.Running;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Executions;

/// <summary>The pipelines that write the records of executions: each runs the nodes of one output again, from its own position, so that
/// each result has exactly one record, also after a crash.</summary>
internal static class ExecutionPipelines
{
    private const string Suffix = ".execution";

    /// <summary>Returns the pipeline for the records of one output.</summary>
    public static DeclaredPipeline Of(Circuit circuit, CircuitPort input, CircuitPort output, CircuitPlan plan, string queue)
    {
        PipelineHead head = new($"{circuit.Name}.{output.Name}{Suffix}", output.Position, null, input.Queue!, input.Schema, input.Audience,
            null, circuit.MaxBytes)
        {
            UnreadableAction = UnreadableAction.Pass,
            Timer = input.Every is null ? null : $"{circuit.Name}.{input.Name}",
        };
        return new DeclaredPipeline(
            head, [new CircuitStep(plan), new ExecutionStep(circuit, input, output)], new PassThroughOperator(CircuitExecution.Schema),
            new Sink(queue, null, null), Fingerprint.Of(circuit.Fingerprint, [input.Schema.Id, output.Schema.Id]));
    }
}

/// <summary>Replaces each result by the record of its execution.</summary>
internal sealed record ExecutionStep(Circuit Circuit, CircuitPort Input, CircuitPort Output) : Step
{
    public override EsfStream<Record> Add(EsfStream<Record> stream, PipelineContext opening, Rejects rejects) =>
        stream.Then<Record>(next => new ExecutionStage(this, opening.Resources.Queue(Input.Queue!).Id, next));
}

/// <summary>Writes records. One thread; does not allocate.</summary>
internal sealed class ExecutionStage : Stage<Record>
{
    // The fixed fields, and the names, which are limited by the circuit.
    private const int MostBytes = 2_048;

    private static readonly EsfField s_queue = CircuitExecution.FieldOf("input_queue");
    private static readonly EsfField s_position = CircuitExecution.FieldOf("input_position");
    private static readonly EsfField s_time = CircuitExecution.FieldOf("input_time");
    private static readonly EsfField s_inputHash = CircuitExecution.FieldOf("input_hash");
    private static readonly EsfField s_number = CircuitExecution.FieldOf("output_number");
    private static readonly EsfField s_outputHash = CircuitExecution.FieldOf("output_hash");

    private readonly (EsfField Field, byte[] Value)[] _texts;
    private readonly byte[] _room = new byte[MostBytes];
    private readonly long _queue;
    private readonly Stage<Record> _next;
    private long _position = -1;
    private int _number;

    public ExecutionStage(ExecutionStep step, long queue, Stage<Record> next)
    {
        (_queue, _next) = (queue, next);
        _texts =
        [
            (CircuitExecution.FieldOf("circuit"), Encoding.UTF8.GetBytes(step.Circuit.Name)),
            (CircuitExecution.FieldOf("version"), Encoding.UTF8.GetBytes(step.Circuit.Version.ToString())),
            (CircuitExecution.FieldOf("circuit_hash"), CircuitExecution.HashOf(step.Circuit)),
            (CircuitExecution.FieldOf("input"), Encoding.UTF8.GetBytes(step.Input.Name)),
            (CircuitExecution.FieldOf("output"), Encoding.UTF8.GetBytes(step.Output.Name)),
        ];
    }

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        _number = message.Position == _position ? _number + 1 : 0;
        _position = message.Position;
        Span<byte> hashes = stackalloc byte[2 * CircuitExecution.HashBytes];
        _ = SHA256.HashData(message.Payload, hashes);
        _ = SHA256.HashData(item.Message, hashes[CircuitExecution.HashBytes..]);
        EsfMessageBuilder record = EsfMessageBuilder.Begin(CircuitExecution.Schema, _room);
        foreach ((EsfField field, byte[] value) in _texts)
        {
            _ = record.TrySet(field, value);
        }

        _ = record.TrySet(s_queue, (Int128)_queue);
        _ = record.TrySet(s_position, (Int128)message.Position);
        _ = record.TrySet(s_time, (Int128)message.Time);
        _ = record.TrySet(s_inputHash, hashes[..CircuitExecution.HashBytes]);
        _ = record.TrySet(s_number, (Int128)_number);
        _ = record.TrySet(s_outputHash, hashes[CircuitExecution.HashBytes..]);
        if (!record.TryFinish(out ReadOnlySpan<byte> made))
        {
            throw new InvalidOperationException($"A record of {CircuitExecution.Schema} does not fit into {MostBytes} bytes.");
        }

        var recorded = new Record(made, message);
        _next.Push(in recorded, in message);
    }
}
