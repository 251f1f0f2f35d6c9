using System.Globalization;
using Estream.Circuits.TestProcess;
using Estream.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>With <c>stream_pattern: signal</c>, a map gets the newest value of each key. The circuit drops values that are replaced while
/// messages wait.</summary>
public sealed class SignalPatternTests : CircuitCase
{
    private const int LongestMs = 150;

    [Theory]
    [InlineData("signal", 2)]
    [InlineData("state", 4)]
    public void While_messages_wait_only_the_newest_value_of_a_key_is_put(string pattern, int puts)
    {
        Circuit circuit = Newest(pattern);
        Append(circuit, ("a", 1), ("a", 2), ("b", 3), ("a", 4));
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(4, running.Results.RunToEnd());
        Assert.Equal(puts, running.Results.Usage.Written);
        Assert.Equal((4, 3), (Value(circuit, "a"), Value(circuit, "b")));
    }

    [Fact]
    public void Every_value_is_put_while_the_circuit_keeps_up()
    {
        Circuit circuit = Newest("signal");
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        for (int value = 1; value <= 3; value++)
        {
            Append(circuit, ("a", value));
            running.Results.RunToEnd();
            Assert.Equal(value, Value(circuit, "a"));
        }

        Assert.Equal(3, running.Results.Usage.Written);
    }

    [Fact]
    public void A_restart_continues_and_keeps_the_map()
    {
        Circuit circuit = Newest("signal");
        Append(circuit, ("a", 1), ("b", 2));
        Run(circuit);
        Reopen();
        Append(circuit, ("b", 3));
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(1, running.Results.RunToEnd());
        Assert.Equal((1, 3), (Value(circuit, "a"), Value(circuit, "b")));
    }

    [Fact]
    public void Signals_allocate_nothing()
    {
        Circuit circuit = Newest("signal");
        Append(circuit, ("a", 1));
        byte[] message = FirstMessage("in");
        using QueueAppender appender = Resources.Queue("in").CreateAppender();
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            appender.Append(message);
            running.Results.RunToEnd();
        }));
    }

    /// <summary>The tailer of a circuit passes messages whose values are only buffered, so a circuit without a buffer must reread them
    /// after the crash.</summary>
    [Fact]
    public void After_a_crash_every_key_gets_its_newest_value_also_if_the_pattern_changes_to_state()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(33);
        for (int kill = 0; kill < LongRun.Count(8, 60); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["signals", directory.Path]))
            {
                child.WaitForText(kill % 4 == 3 ? "running" : "under way");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            using PatternWork work = new(directory.Path, kill % 2 == 0 ? PatternWork.States : PatternWork.Signals);
            using (RunningPipeline running = work.Open())
            {
                running.Results.RunToEnd();
            }

            long count = work.Queue("readings").GetInfo().NextSequence;
            for (long number = Math.Max(0, count - PatternWork.Keys); number < count; number++)
            {
                string key = (number % PatternWork.Keys).ToString(CultureInfo.InvariantCulture);
                Assert.True(Utf8Key64.TryCreate(key, out Utf8Key64 text));
                Assert.True(work.Map("newest").TryGet(in text, out LatestEntry entry), key);
                Assert.Equal(number, (long)IoTTelemetry.View.Of(entry.Message).Value);
            }
        }
    }

    private static Circuit Newest(string pattern) => Declare($$"""
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Reading, map: newest, key: device }]
        compute: [{ id: all, type: filter, when: has(value) }]
        flows: [in -> all -> out]
        annotations: { stream_pattern: {{pattern}} }
        """);

    private void Append(Circuit circuit, params (string Device, int Value)[] readings) => Append("in", circuit.Inputs[0].Schema,
        [.. readings.Select(one => $$"""{"device":"{{one.Device}}","at":"1","value":{{one.Value}}}""")]);

    private double Value(Circuit circuit, string key)
    {
        Assert.True(Utf8Key64.TryCreate(key, out Utf8Key64 text));
        Assert.True(Resources.Map("newest").TryGet(in text, out LatestEntry entry));
        EsfSchema schema = circuit.Outputs[0].Schema;
        return schema.TryGetField("value", out EsfField? value) && value.TryGetDouble(entry.Message, out double number)
            ? number
            : double.NaN;
    }
}
