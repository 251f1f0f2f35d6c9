using System.Buffers;
using System.Text;
using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>A golden vector: messages for the inputs of a circuit, and the expected results. Immutable. <see cref="CircuitVectors"/> reads
/// files of vectors.</summary>
public sealed class CircuitVector
{
    private readonly OperationVector? _operation;
    private readonly Circuit _circuit;
    private readonly IReadOnlyList<(string Input, byte[] Message)> _inputs;
    private readonly IReadOnlyList<(string Map, string Key, byte[] Message)> _maps;
    private readonly Dictionary<string, IReadOnlyList<CircuitTrialMessage>> _outputs;
    private readonly IReadOnlyList<string> _rejected;

    internal CircuitVector(
        Circuit circuit, string name, IReadOnlyList<(string Input, byte[] Message)> inputs,
        IReadOnlyList<(string Map, string Key, byte[] Message)> maps,
        Dictionary<string, IReadOnlyList<CircuitTrialMessage>> outputs, IReadOnlyList<string> rejected)
    {
        Name = name;
        (_circuit, _inputs, _maps, _outputs, _rejected) = (circuit, inputs, maps, outputs, rejected);
    }

    internal CircuitVector(OperationVector operation)
    {
        Name = operation.Name;
        _operation = operation;
        (_circuit, _inputs, _maps, _outputs, _rejected) = (operation.Circuit, [], [], [], []);
    }

    /// <summary>The name of the vector.</summary>
    public string Name { get; }

    /// <summary>Runs the circuit over the inputs.</summary>
    /// <returns>The differences between actual and expected results; empty if there are none. Messages are compared byte by byte.</returns>
    public IReadOnlyList<string> Run()
    {
        if (_operation is not null)
        {
            return _operation.Run(CpuTarget.Instance);
        }

        using CircuitTrial trial = new(_circuit);
        foreach ((string map, string key, byte[] message) in _maps)
        {
            trial.Put(map, key, message);
        }

        foreach ((string input, byte[] message) in _inputs)
        {
            trial.Append(input, message);
        }

        CircuitTrialResult result = trial.Run();
        List<string> differences = [];
        foreach (CircuitPort output in _circuit.Outputs)
        {
            Compare(output, result.Outputs[output.Name], differences);
        }

        // Outputs run one after the other, so the order of rejections has no meaning.
        string[] rejected = [.. result.Rejected.Order(StringComparer.Ordinal)];
        if (!rejected.SequenceEqual(_rejected.Order(StringComparer.Ordinal)))
        {
            differences.Add($"rejected messages: expected [{Listed(_rejected)}], but was [{Listed(rejected)}]");
        }

        return differences;
    }

    /// <summary>Runs the circuit of an operation on a target. Every target must give the same results.</summary>
    /// <param name="target">The target.</param>
    /// <inheritdoc cref="Run()" path="/returns"/>
    /// <exception cref="InvalidOperationException">The circuit is not an operation.</exception>
    public IReadOnlyList<string> Run(IExecutionTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _operation?.Run(target)
            ?? throw new InvalidOperationException($"{_circuit} is not an operation. Run it without a target.");
    }

    private void Compare(CircuitPort output, IReadOnlyList<CircuitTrialMessage> made, List<string> differences)
    {
        IReadOnlyList<CircuitTrialMessage> expected = _outputs.GetValueOrDefault(output.Name, []);
        for (int i = 0; i < Math.Max(expected.Count, made.Count); i++)
        {
            string wanted = i < expected.Count ? Text(output, expected[i]) : "nothing";
            string was = i < made.Count ? Text(output, made[i]) : "nothing";
            if (i >= expected.Count || i >= made.Count || expected[i].Key != made[i].Key
                || !IsSame(output.Schema, expected[i].Message.Span, made[i].Message.Span))
            {
                differences.Add($"output '{output.Name}', message {i + 1}: expected {wanted}, but was {was}");
            }
        }
    }

    // After sealing and opening, the same values can be at other offsets, so such messages are compared by value.
    private static bool IsSame(EsfSchema schema, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> made) =>
        expected.SequenceEqual(made) || (schema.IsProtected && ValuesOf(schema, expected) == ValuesOf(schema, made));

    private static string Text(CircuitPort output, CircuitTrialMessage message) =>
        (message.Key is null ? "" : $"'{message.Key}': ") + ValuesOf(output.Schema, message.Message.Span);

    // Includes private values: they come from the vector file.
    private static string ValuesOf(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArrayBufferWriter<byte> json = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, json, EsfDisclosure.Disclosed);
        return status.IsOk ? Encoding.UTF8.GetString(json.WrittenSpan) : EsfJson.ToText(schema, message);
    }

    private static string Listed(IReadOnlyList<string> reasons) =>
        new StringBuilder().AppendJoin(", ", reasons.Select(reason => $"\"{reason}\"")).ToString();
}
