using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>The annotation <c>execution_records</c>: each result of a circuit has a record that can be verified with the circuit's
/// file.</summary>
public sealed class ExecutionRecordTests : CircuitCase
{
    private const string Alarms = """
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: alarms, type: Alarm }, { name: copies, type: Reading }]
        compute:
          - { id: high, type: filter, when: value > 10.0 }
          - { id: alarm, type: transform, schema: Alarm, set: { device: device, level: 2 } }
        flows: [readings -> high -> alarm -> alarms, high -> copies]
        annotations: { execution_records: executions }
        """;

    private static readonly string[] s_messages =
        ["""{"device":"a","at":1,"value":5}""", """{"device":"b","at":2,"value":20}""", """{"device":"c","at":3,"value":30}"""];

    [Fact]
    public void Each_result_has_one_record_also_after_a_restart()
    {
        Circuit circuit = Declare(Alarms);
        Append("readings", circuit.Inputs[0].Schema, s_messages);
        _ = Run(circuit);
        Reopen();
        _ = Run(circuit);
        Assert.Equal(4, Messages("executions").Count);
        Assert.Equal(2, Messages("alarms").Count);
        Assert.Equal("executions", circuit.ExecutionRecords);
    }

    [Fact]
    public void A_record_proves_circuit_input_and_output_and_one_flipped_bit_is_found()
    {
        Circuit circuit = Declare(Alarms);
        Append("readings", circuit.Inputs[0].Schema, s_messages);
        _ = Run(circuit);
        (byte[] record, byte[] input, byte[] output) = (Messages("executions")[0], Messages("readings")[1], Messages("alarms")[0]);
        Assert.Null(CircuitExecution.Mismatch(record, circuit, input, output));
        Assert.Contains("acme.test.v1 1.2.3 made the output 'alarms'", CircuitExecution.Describe(record), StringComparison.Ordinal);
        Assert.NotNull(CircuitExecution.Mismatch(record, Declare(Alarms.Replace("10.0", "10.5", StringComparison.Ordinal)), input, output));
        foreach (byte[] bytes in new[] { record, input, output })
        {
            for (int bit = 0; bit < 8 * bytes.Length; bit += bytes == record ? 1 : 7)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                string? mismatch = CircuitExecution.Mismatch(record, circuit, input, output);
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));

                // The position and time of the input message are attested, but do not follow from the messages.
                Assert.True(mismatch is not null || bytes == record, $"bit {bit} of {bytes.Length} bytes");
            }
        }

        Assert.Null(CircuitExecution.Mismatch(record, circuit, input, output));
    }

    [Fact]
    public void A_record_of_a_result_that_the_circuit_does_not_make_is_refused()
    {
        Circuit circuit = Declare(Alarms);
        Append("readings", circuit.Inputs[0].Schema, s_messages);
        _ = Run(circuit);
        byte[] output = Messages("alarms")[0];

        // The output of another message has the right type, but not the hash of the record.
        Assert.Equal("the output message has another hash than the record", CircuitExecution.Mismatch(
            Messages("executions")[0], circuit, Messages("readings")[1], Messages("alarms")[1]));
        Assert.Equal("the input message has another hash than the record", CircuitExecution.Mismatch(
            Messages("executions")[0], circuit, Messages("readings")[2], output));
        Assert.Equal("the message is not a record of an execution",
            CircuitExecution.Mismatch(output, circuit, Messages("readings")[1], output));
    }

    [Fact]
    public async Task A_runtime_writes_records_and_a_witness_tier_covers_them()
    {
        Circuit circuit = Declare(Alarms.Replace("execution_records: executions", "witness_tier: 1, execution_records: executions",
            StringComparison.Ordinal));
        Assert.Contains(WitnessTier.Missing(circuit, queue => (queue != "executions", false)),
            missing => missing.Contains("'executions'", StringComparison.Ordinal));
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        RunningCircuit running = runtime.Run(circuit);
        Append("readings", circuit.Inputs[0].Schema, s_messages);
        Eventually.True(() => Messages("executions").Count == 4, "all records are written");
        Assert.Equal((4, 2), (running.Outputs.Count, running.Observations.Count));
    }

    private List<byte[]> Messages(string queue)
    {
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        List<byte[]> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(message.Payload.ToArray());
        }

        return messages;
    }
}
