using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>A message that flows through a circuit allocates nothing.</summary>
public sealed class AllocationTests : CircuitCase
{
    [Fact]
    public void Messages_through_stateless_nodes_of_every_kind_allocate_nothing()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Alarm, map: newest, key: device }]
            compute:
              - { id: known, type: filter, when: has(steps) }
              - { id: more, type: transform, schema: Reading, set: { device: device, at: at, steps: steps + 1 } }
              - { id: limit, type: lookup, map: limits, holds: Reading, as: limit, key: device, optional: true, schema: Alarm, set: { device: device, level: 'limit.steps ?? steps' } }
            flows: [readings -> known -> more -> limit -> out, known -> limit]
            invariants: [readings.steps >= 0, limit.level >= 0]
            """);
        EsfSchema schema = circuit.Inputs[0].Schema;
        Append("readings", schema, """{"device":"a","at":"1","steps":"1"}""");
        byte[] message = FirstMessage("readings");
        using QueueAppender appender = Resources.Queue("readings").CreateAppender();
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(2_000, () =>
        {
            appender.Append(message);
            running.Results.RunToEnd();
        }));
        Assert.Equal("""{"device":"a","level":1}""", Entry("newest", "a", circuit.Outputs[0].Schema));
        Assert.Equal(0, running.Rejected);
    }
}
