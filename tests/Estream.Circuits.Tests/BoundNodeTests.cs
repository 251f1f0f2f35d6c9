using Estream.Core;
using Estream.Esf;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Nodes bound to code: the code decides the outcome of a message, and no message stops a stream.</summary>
public sealed class BoundNodeTests : CircuitCase
{
    private const string Rest = """
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: alarms, type: Alarm }, { name: rest, type: Reading }]
        compute:
          - { id: known, type: stateful }
          - { id: alarm, type: transform }
        flows: [readings -> known -> alarm -> alarms, known -> rest]
        rejected: dead

        """;

    private readonly Circuit _declared = Declare(Rest);

    [Fact]
    public void Bound_code_decides_whether_a_message_passes_or_is_rejected()
    {
        Circuit circuit = Bind(Known, Alarm);
        AppendAll("pass", "drop", "reject", "fail", "wrong", "nothing");
        long rejected = Run(circuit).Sum();
        Assert.Equal(["pass", "nothing", "wrong"], Devices("rest").OrderBy(device => device == "pass" ? 0 : device == "nothing" ? 1 : 2));
        Assert.Equal(["pass"], Texts("alarms", circuit.Outputs[0].Schema).Select(text => text.Split('"')[3]));
        Assert.Equal(
            ["it is to be rejected", "the code of the node 'alarm' did not write a valid acme.test.v1.Alarm",
                "the code of the node 'alarm' failed: there is nothing", "the code of the node 'known' failed: it failed"],
            Reasons().Order(StringComparer.Ordinal));
        Assert.Equal(4, rejected);
    }

    [Fact]
    public void An_exception_in_bound_code_ends_the_call_and_the_message_is_redelivered()
    {
        bool isWrong = true;
        Circuit circuit = Bind(
            (ref NodeCall call) =>
            {
                if (isWrong)
                {
                    throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                }

                call.Pass();
            },
            (ref NodeCall _) => { });
        AppendAll("a", "b");
        using (RunningPipeline rest = circuit.Pipelines[1].Open(Resources))
        {
            Assert.Throws<EstreamStorageException>(() => rest.Results.RunToEnd());
            isWrong = false;
            Assert.Equal(2, rest.Results.RunToEnd());
        }

        Assert.Equal(["a", "b"], Devices("rest"));
    }

    [Fact]
    public void Calling_bound_code_allocates_nothing()
    {
        byte[] alarm = [];
        Circuit circuit = Bind(
            (ref NodeCall call) => call.Pass(),
            (ref NodeCall call) =>
            {
                if (alarm.Length == 0)
                {
                    Alarm(ref call);
                    alarm = call.Buffer[..call.Output.Length].ToArray();
                }

                alarm.CopyTo(call.Buffer);
                call.Make(alarm.Length);
            });
        AppendAll("pass");
        byte[] message = FirstMessage("readings");
        using var appender = Resources.Queue("readings").CreateAppender();
        using RunningPipeline running = circuit.Pipelines[0].Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(2_000, () =>
        {
            appender.Append(message);
            running.Results.RunToEnd();
        }));
        Assert.Equal(0, running.Rejected);
    }

    [Fact]
    public void Binding_code_is_refused_for_nodes_that_are_not_bound()
    {
        Assert.Empty(_declared.Pipelines);
        Assert.Empty(_declared.Bind(new Dictionary<string, CircuitFunction> { ["known"] = Known }).Pipelines);
        ArgumentException other =
            Assert.Throws<ArgumentException>(() => _declared.Bind(new Dictionary<string, CircuitFunction> { ["knwon"] = Known }));
        Assert.Contains("'knwon' is not a bound node of acme.test.v1 1.2.3. Bound nodes: known, alarm.", other.Message,
            StringComparison.Ordinal);
        Circuit whole = Declare(Rest.Replace("type: stateful", "type: filter, when: has(value)", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => whole.Bind(new Dictionary<string, CircuitFunction> { ["known"] = Known }));
    }

    [Fact]
    public void Stateful_code_is_created_each_time_a_circuit_is_opened()
    {
        int made = 0, closed = 0;
        List<long> positions = [];
        bool isWrong = true;
        Circuit circuit = _declared.Bind(["known", "alarm"], opening =>
        {
            made++;
            Assert.Same(Resources, opening.Resources);
            _ = opening.Own(new Closed(() => closed++));
            int seen = 0;
            return new Dictionary<string, CircuitFunction>
            {
                ["known"] = (ref NodeCall call) =>
                {
                    positions.Add(call.Position);
                    if (++seen == 1 && isWrong)
                    {
                        throw new EstreamStorageException("The disk is full.", null, StorageFailure.DiskFull);
                    }

                    call.Pass();
                },
                ["alarm"] = (ref NodeCall call) => { },
            };
        });
        AppendAll("a", "b");
        using (RunningPipeline rest = circuit.Pipelines[1].Open(Resources))
        {
            // The code was created once for results and once for rejections.
            Assert.Equal((2, 0), (made, closed));
            Assert.Throws<EstreamStorageException>(() => rest.Results.RunToEnd());
            isWrong = false;
            Assert.Equal(2, rest.Results.RunToEnd());
        }

        Assert.Equal(3, positions.Count);
        Assert.Equal(positions[0], positions[1]);
        Assert.True(positions[1] < positions[2]);

        Assert.Equal((2, 2), (made, closed));
        using (circuit.Pipelines[0].Open(Resources))
        {
            Assert.Equal((4, 2), (made, closed));
        }

        Assert.Equal(4, closed);
    }

    [Fact]
    public void Opening_throws_when_code_lacks_the_function_of_a_node()
    {
        Assert.Throws<ArgumentException>(() => _declared.Bind(["knwon"], _ => new Dictionary<string, CircuitFunction>()));
        Circuit circuit = _declared.Bind(["known", "alarm"], _ => new Dictionary<string, CircuitFunction> { ["known"] = Known });
        Assert.Contains("The code has no function for the node",
            Assert.Throws<InvalidOperationException>(() => circuit.Pipelines[0].Open(Resources)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_rejection_reason_is_truncated()
    {
        // The reason is longer than a message of the queue can be.
        Circuit circuit = Bind((ref NodeCall call) => call.Reject(Device(in call) + new string('x', 2_000_000)), Alarm);
        AppendAll("a", "b");
        Assert.Equal(2, Run(circuit).Sum());
        Assert.Equal(["ax", "bx"], Reasons().Select(reason => reason[..2]));
        Assert.All(Reasons(), reason => Assert.Equal(1_400, reason.Length));
    }

    [Fact]
    public void Distinct_rejection_reasons_do_not_accumulate_in_memory()
    {
        string[] reasons = [.. Enumerable.Range(0, 3_000).Select(i => $"the device {i} is unknown")];
        int next = 0;
        Circuit circuit = Bind((ref NodeCall call) => call.Reject(reasons[next++]), Alarm);
        AppendAll("a");
        byte[] message = FirstMessage("readings");
        using var appender = Resources.Queue("readings").CreateAppender();
        using RunningPipeline running = circuit.Pipelines[0].Open(Resources);
        Assert.Equal(0, AllocationMeter.OnThisThread(500, () =>
        {
            appender.Append(message);
            running.Rejects[0].RunToEnd();
        }));
        Assert.Equal(reasons[..next], Reasons());
    }

    [Fact]
    public void A_dead_letter_of_a_private_message_omits_the_reason_of_bound_code()
    {
        CircuitReadResult read = Read("""
            escir_version: "0.8.0"
            name: acme.secrets.v1
            version: "1.0.0"
            types:
              - name: Secret
                fields: [{ name: device, type: string }, { name: badge, type: string, optional: true, privacy: encrypted }]
              - name: Badge
                fields: [{ name: number, type: i64 }]
            inputs: [{ name: secrets, type: Secret }]
            outputs: [{ name: badges, type: Badge }]
            compute: [{ id: parse, type: transform }]
            flows: [secrets -> parse -> badges]
            rejected: dead
            """);
        Assert.True(read.Diagnostics.Count == 0, string.Join('\n', read.Diagnostics));
        Circuit circuit = read.Circuit!.Bind(new Dictionary<string, CircuitFunction>
        {
            ["parse"] = (ref NodeCall call) =>
            {
                if (Device(in call) == "reject")
                {
                    call.Reject("canary-7731 is no number");
                    return;
                }

                throw new FormatException("The input string 'canary-7731' was not in a correct format.");
            },
        });

        // The first two messages were appended unsealed; the last has no private field.
        Append("secrets", circuit.Inputs[0].Schema, """{"device":"a","badge":"canary-7731"}""",
            """{"device":"reject","badge":"canary-7731"}""", """{"device":"b"}""");
        Assert.Equal(3, Run(circuit).Sum());
        const string NotKept = " (the message is not kept: its schema has private fields, and it may hold them in plaintext)";
        Assert.Equal(
            ["the code of the node 'parse' failed" + NotKept, "the code of the node 'parse' rejected the message" + NotKept,
                "the code of the node 'parse' failed: FormatException"], Reasons());
    }

    private sealed class Closed(Action close) : IDisposable
    {
        public void Dispose() => close();
    }

    [Fact]
    public void Bound_code_output_must_match_the_output_type()
    {
        Circuit circuit = Bind(Known, (ref NodeCall call) => call.Pass());
        AppendAll("pass");
        Run(circuit);
        Assert.Contains("failed: The node takes acme.test.v1.Reading and produces acme.test.v1.Alarm", Assert.Single(Reasons()),
            StringComparison.Ordinal);
    }

    private static void Known(ref NodeCall call)
    {
        switch (Device(in call))
        {
            case "drop":
                break;
            case "reject":
                call.Reject("it is to be rejected");
                break;
            case "fail":
                throw new InvalidOperationException("it failed");
            default:
                call.Pass();
                break;
        }
    }

    private static void Alarm(ref NodeCall call)
    {
        Assert.True(Field(call.Takes, "device").TryGetBytes(call.Message, out ReadOnlySpan<byte> name));
        Assert.True(call.Time > 0);
        if (name.SequenceEqual("nothing"u8))
        {
            throw new ArgumentException("there is nothing");
        }

        EsfMessageBuilder builder = EsfMessageBuilder.Begin(call.Makes, call.Buffer);
        Assert.True(builder.TrySet(Field(call.Makes, "device"), name));
        Assert.True(builder.TrySet(Field(call.Makes, "level"), (Int128)5));
        Assert.True(builder.TryFinish(out ReadOnlySpan<byte> made));
        if (name.SequenceEqual("wrong"u8))
        {
            call.Buffer[0] ^= 1;
        }

        call.Make(made.Length);
    }

    private static string Device(in NodeCall call) => Field(call.Takes, "device").TryGetBytes(call.Message, out ReadOnlySpan<byte> name)
        ? System.Text.Encoding.UTF8.GetString(name)
        : "";

    private static EsfField Field(EsfSchema schema, string name) => schema.TryGetField(name, out EsfField? field)
        ? field
        : throw new ArgumentException(name);

    private Circuit Bind(CircuitFunction known, CircuitFunction alarm) =>
        _declared.Bind(new Dictionary<string, CircuitFunction> { ["known"] = known, ["alarm"] = alarm });

    private void AppendAll(params string[] devices) =>
        Append("readings", _declared.Inputs[0].Schema, [.. devices.Select(device => $$"""{"device":"{{device}}","at":"1"}""")]);

    private List<string> Devices(string queue) => [.. Texts(queue, _declared.Inputs[0].Schema).Select(text => text.Split('"')[3])];

    private IEnumerable<string> Reasons()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        EsfField reason = Field(letter, "reason");
        using var tailer = Resources.Queue("dead").CreateTailer();
        List<string> reasons = [];
        while (tailer.TryRead(out var message))
        {
            Assert.True(reason.TryGetBytes(message.Payload, out ReadOnlySpan<byte> text));
            reasons.Add(System.Text.Encoding.UTF8.GetString(text));
        }

        return reasons;
    }
}
