using Estream.Esf;

namespace Estream.Circuits.Operations.Replication;

/// <summary>The circuit of a replica that a runtime keeps running. It has the contract of <c>queue.replicate.v1</c>.</summary>
internal static class ReplicaCircuit
{
    /// <summary>The name under which the usage of a replica is recorded: <c>estream.replica.v1</c>.</summary>
    private const string Text = """
        escir_version: "0.8.0"
        name: estream.replica.v1
        version: "1.0.0"
        types:
          - name: ReplicateRequest
            fields:
              - { name: most, type: u32 }
          - name: ReplicateResult
            fields:
              - { name: status, type: Status }
              - { name: messages, type: u64, optional: true }
              - { name: message_bytes, type: u64, optional: true }
              - { name: position, type: i64, optional: true }
              - { name: lag_messages, type: u64, optional: true }
              - { name: lag_bytes, type: u64, optional: true }
        enums:
          Status: { values: [Done, Created, Replaced, Conflict, Absent, Full, TooLong, Unversioned, Invalid] }
        inputs: [{ name: requests, type: ReplicateRequest }]
        outputs: [{ name: results, type: ReplicateResult }]
        compute:
          - { id: replicate, type: operation, operation: queue.replicate, queue: "QUEUE", replica: "REPLICA" }
        flows: [requests -> replicate -> results]
        """;

    /// <summary>Returns the circuit.</summary>
    /// <exception cref="ArgumentException">A name is not valid in a circuit file.</exception>
    public static Circuit Of(string replica, string queue)
    {
        string text = Text.Replace("QUEUE", queue, StringComparison.Ordinal).Replace("REPLICA", replica, StringComparison.Ordinal);
        CircuitReadResult result = CircuitReader.Read(text, "replica", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        return result.Circuit ?? throw new ArgumentException(
            $"The queue '{queue}' cannot be replicated as '{replica}': {string.Join("; ", result.Diagnostics.Select(one => one.Message))}",
            nameof(replica));
    }
}
