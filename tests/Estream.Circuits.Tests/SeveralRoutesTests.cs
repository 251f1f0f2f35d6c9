using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Messages that reach an output by several routes: there is one result for each route, however large the backlog is and whatever
/// fails in between.</summary>
public sealed class SeveralRoutesTests : CircuitCase
{
    private const string Three = """
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: out, type: Reading }]
        compute: [{ id: one, type: filter, when: "true" }, { id: two, type: filter, when: "true" }]
        flows: [readings -> out, readings -> one -> out, readings -> two -> out]

        """;

    private const string Two = """
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: out, type: Alarm }]
        compute:
          - { id: one, type: transform, schema: Alarm, set: { device: device, level: steps } }
          - { id: two, type: transform, schema: Alarm, set: { device: device, level: steps + 1 } }
        flows: [readings -> one -> out, readings -> two -> out]
        rejected: dead

        """;

    private readonly EsfSchema _reading = Declare(Three).Inputs[0].Schema;

    [Theory]
    [InlineData(300, 0)]
    [InlineData(100, 1_500)]
    public void A_backlog_has_one_result_per_message_and_route(int messages, int padding)
    {
        // A batch is full, by number or by bytes, between two results of the same message.
        Circuit circuit = Declare(Three);
        string[] devices = [.. Enumerable.Range(0, messages).Select(i => $"d{i}{new string('x', padding)}")];
        AppendAll(devices);
        for (int round = 0; round < 2; round++)
        {
            Run(circuit);
            Assert.Equal(devices.SelectMany(device => Enumerable.Repeat(device, 3)), Devices("out"));
            Reopen();
        }
    }

    [Theory]
    [InlineData(200_000, false)]
    [InlineData(16_384, true)]
    public void All_results_of_a_message_are_written_when_a_segment_fits_only_one(int mostBytes, bool isSmall)
    {
        if (isSmall)
        {
            MakeSmall("out");
        }

        Circuit circuit = Declare(FormattableString.Invariant($"{Three}max_bytes: {mostBytes}\n"));
        string[] devices = [.. Enumerable.Range(0, 20).Select(i => $"d{i}{new string('x', 10_000)}")];
        AppendAll(devices);
        Run(circuit);
        Assert.Equal(devices.SelectMany(device => Enumerable.Repeat(device, 3)), Devices("out"));
    }

    [Fact]
    public void Opening_throws_and_releases_resources_when_results_cannot_fit_a_segment()
    {
        MakeSmall("out", "dead");
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            Declare(Three + "max_bytes: 30000\n").Pipelines[0].Open(Resources));
        Assert.Contains("by up to 3 routes", refused.Message, StringComparison.Ordinal);
        using RunningPipeline fits = Declare(Three + "rejected: dead\n").Pipelines[0].Open(Resources);
        Assert.Equal(0, fits.Results.RunToEnd());
    }

    [Fact]
    public void A_message_rejected_by_two_nodes_has_two_dead_letters()
    {
        Circuit circuit = Declare(Two);
        Append("readings", _reading, """{"device":"a","at":"1"}""", """{"device":"b","at":"2","steps":"5"}""",
            """{"device":"c","at":"3"}""");
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(round == 0 ? 4 : 0, Run(circuit).Sum());
            Assert.Equal(["""{"device":"b","level":5}""", """{"device":"b","level":6}"""], Texts("out", circuit.Outputs[0].Schema));
            Assert.Equal(["a steps", "a steps + 1", "c steps", "c steps + 1"],
                Letters().Select(letter => $"{Device(letter.Payload)} {letter.Reason.Split('\'')[^2]}"));
            Reopen();
        }
    }

    [Fact]
    public void Dead_letters_that_do_not_fit_together_omit_the_message()
    {
        MakeSmall("dead");
        AppendAll("a" + new string('x', 40_000), "b");
        Run(Declare(Two));
        List<(string Reason, byte[] Payload)> letters = Letters();
        Assert.Equal([true, false, true, true], letters.Select(letter => letter.Payload.Length > 0));
        Assert.EndsWith("(the message is not kept: the queue of dead letters has segments that are too small for it)", letters[1].Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Results_of_a_message_are_retracted_when_a_later_route_fails()
    {
        int wrong = 3;
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Reading }]
            compute: [{ id: known, type: stateful }]
            flows: [readings -> out, readings -> known -> out]
            """).Bind(new Dictionary<string, CircuitFunction>
        {
            ["known"] = (ref NodeCall call) =>
            {
                if (Device(call.Message) == "b" && wrong > 0)
                {
                    wrong--;
                    throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                }

                call.Pass();
            },
        });
        AppendAll("a", "b", "c");
        using (RunningPipeline running = circuit.Pipelines[0].Open(Resources))
        {
            // The first run keeps the results of earlier messages. In the second run, the failing message is the first.
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
            Assert.Equal(["a", "a"], Devices("out"));
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
            Assert.Equal(2, running.Results.RunToEnd());
        }

        Assert.Equal(["a", "a", "b", "b", "c", "c"], Devices("out"));
    }

    [Fact]
    public void A_window_checkpoint_between_two_routes_counts_each_event_once()
    {
        // The last message closes more windows than one step of the state takes, after its first route.
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }]
            compute:
              - { id: again, type: stateful }
              - { id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }
            flows: [readings -> sum, readings -> again -> sum, sum -> sums]
            """).Bind(FailingOnceAt("last"));
        const int Windows = 1_500;
        Append("readings", _reading, [.. Enumerable.Range(0, Windows).Select(i => Step($"d{i}", "1")), Step("last", "5000000000")]);
        using (RunningPipeline running = circuit.Pipelines[0].Open(Resources))
        {
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        }

        // As after a crash: only durable state is left.
        Reopen();
        Append("readings", _reading, Step("end", "20000000000"));
        for (int round = 0; round < 2; round++)
        {
            Run(circuit);
            List<string> sums = Texts("sums", circuit.Outputs[0].Schema);
            Assert.Equal(Windows + 1, sums.Distinct().Count());
            Assert.Equal(Windows + 1, sums.Count);
            Assert.All(sums, text => Assert.EndsWith("\"level\":2}", text, StringComparison.Ordinal));
            Reopen();
        }
    }

    [Fact]
    public void A_join_checkpoint_between_two_routes_counts_each_event_once()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: pairs, type: Alarm }]
            compute:
              - { id: again, type: stateful }
              - id: both
                type: join
                with: { queue: others, schema: Reading, time: at, key: device }
                as: other
                within: 1s
                time: at
                key: device
                schema: Alarm
                set: { device: device, level: other.steps }
            flows: [readings -> both, readings -> again -> both, both -> pairs]
            """).Bind(FailingOnceAt("last"));
        Append("others", _reading, Step("last", "4000000000000"), Step("end", "5000000000000"));
        Append("readings", _reading, [.. Enumerable.Range(0, 1_500).Select(i => Step($"d{i}", "1")), Step("last", "4000000000000")]);
        using (RunningPipeline running = circuit.Pipelines[0].Open(Resources))
        {
            Assert.Throws<EstreamStorageException>(() => running.Results.RunToEnd());
        }

        Reopen();
        Run(circuit);
        Assert.Equal(["""{"device":"last","level":1}""", """{"device":"last","level":1}"""], Texts("pairs", circuit.Outputs[0].Schema));
    }

    [Fact]
    public void A_message_that_changes_too_many_windows_for_one_step_is_processed_route_by_route()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }]
            compute:
              - { id: b, type: transform, schema: Reading, set: { device: '"b"', at: at, steps: steps } }
              - { id: c, type: transform, schema: Reading, set: { device: '"c"', at: at, steps: steps } }
              - { id: d, type: transform, schema: Reading, set: { device: '"d"', at: at, steps: steps } }
              - { id: e, type: transform, schema: Reading, set: { device: '"e"', at: at, steps: steps } }
              - { id: sum, type: aggregate, sliding: { size: 256s, every: 1s }, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }
            flows: [readings -> sum, readings -> b -> sum, readings -> c -> sum, readings -> d -> sum, readings -> e -> sum, sum -> sums]
            """);
        Append("readings", _reading, Step("a", "1000000000000"), Step("a", "9000000000000"));
        Run(circuit);
        Assert.Equal(
            ["a", "b", "c", "d", "e"],
            Texts("sums", circuit.Outputs[0].Schema).GroupBy(text => text)
                .Where(sums => sums.Count() == 256 && sums.Key.EndsWith("\"level\":1}", StringComparison.Ordinal))
                .Select(sums => sums.Key.Split('"')[3]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Messages_with_several_routes_allocate_nothing()
    {
        // The buffer has room for one result, and grows when the first message has two.
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Alarm }]
            compute:
              - { id: none, type: transform, schema: Alarm, set: { device: device, level: steps } }
              - { id: zero, type: transform, schema: Alarm, set: { device: device, level: steps ?? 0 } }
              - { id: one, type: transform, schema: Alarm, set: { device: device, level: steps ?? 1 } }
            flows: [readings -> none -> out, readings -> zero -> out, readings -> one -> out]
            rejected: dead
            max_bytes: 65536
            """);
        Append("readings", _reading, """{"device":"a","at":"1"}""");
        byte[] message = FirstMessage("readings");
        using QueueAppender appender = Resources.Queue("readings").CreateAppender();
        using RunningPipeline running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(500, () =>
        {
            appender.Append(message);
            running.Results.RunToEnd();
            running.Rejects[0].RunToEnd();
        }));
        Assert.True(running.Rejected > 500);
        Assert.Equal(2 * running.Rejected, Texts("out", circuit.Outputs[0].Schema).Count);
        Assert.Equal(running.Rejected, Letters().Count);
    }

    private Dictionary<string, CircuitFunction> FailingOnceAt(string device)
    {
        bool isWrong = true;
        return new Dictionary<string, CircuitFunction>
        {
            ["again"] = (ref NodeCall call) =>
            {
                if (isWrong && Device(call.Message) == device)
                {
                    isWrong = false;
                    throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                }

                call.Pass();
            },
        };
    }

    private static string Step(string device, string at) => $$"""{"device":"{{device}}","at":"{{at}}","steps":"1"}""";

    private void AppendAll(params string[] devices) =>
        Append("readings", _reading, [.. devices.Select(device => $$"""{"device":"{{device}}","at":"1"}""")]);

    private List<string> Devices(string queue) => [.. Texts(queue, _reading).Select(text => text.Split('"')[3])];

    private string Device(ReadOnlySpan<byte> message) => TextOf(_reading, "device", message);

    private static string TextOf(EsfSchema schema, string field, ReadOnlySpan<byte> message) =>
        schema.TryGetField(field, out EsfField? found) && found.TryGetBytes(message, out ReadOnlySpan<byte> bytes)
            ? Encoding.UTF8.GetString(bytes)
            : "";

    private List<(string Reason, byte[] Payload)> Letters()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        Assert.True(letter.TryGetField("payload", out EsfField? payload));
        using QueueTailer tailer = Resources.Queue("dead").CreateTailer();
        List<(string Reason, byte[] Payload)> letters = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            letters.Add(
                (TextOf(letter, "reason", message.Payload), payload.TryGetBytes(message.Payload, out ReadOnlySpan<byte> bytes)
                    ? bytes.ToArray() : []));
        }

        return letters;
    }
}
