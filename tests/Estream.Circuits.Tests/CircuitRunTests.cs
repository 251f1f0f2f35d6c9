using Estream.Core;
using Estream.Esf;
using Estream.Streams.Pipelines;

namespace Estream.Circuits.Tests;

/// <summary>Circuits over queues and maps: their results and rejections.</summary>
public sealed class CircuitRunTests : CircuitCase
{
    [Fact]
    public void Nodes_transform_messages_along_flows()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading, queue: telemetry }]
            outputs: [{ name: alarms, type: Alarm }]
            compute:
              - { id: hot, type: filter, when: value > 30.0, description: "Too hot" }
              - { id: alarm, type: transform, schema: Alarm, set: { device: device, level: steps ?? 1 } }
            flows: [readings -> hot -> alarm -> alarms]
            """);
        EsfSchema reading = circuit.Inputs[0].Schema;
        Append("telemetry", reading, """{"device":"a","at":"1","value":31.5}""", """{"device":"b","at":"2","value":30}""",
            """{"device":"c","at":"3","value":40,"steps":"7"}""", """{"device":"d","at":"4"}""");
        Assert.Equal([0], Run(circuit));
        Assert.Equal(["""{"device":"a","level":1}""", """{"device":"c","level":7}"""], Texts("alarms", circuit.Outputs[0].Schema));
        Assert.Equal("acme.test.v1.Alarm", circuit.Outputs[0].Schema.QualifiedName);
        Assert.Equal(("acme.test.v1", "1.2.3"), (circuit.Name, circuit.Version.ToString()));
        Assert.Equal(["hot filter", "alarm transform"], circuit.Nodes.Select(node => $"{node.Id} {node.Kind}"));

        // The circuit resumes at its position.
        Append("telemetry", reading, """{"device":"e","at":"5","value":99}""");
        Reopen();
        Run(circuit);
        Assert.Equal(["a", "c", "e"], Texts("alarms", circuit.Outputs[0].Schema).Select(text => text.Split('"')[3]));
    }

    [Fact]
    public void Flows_fan_out_and_fan_in()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: all, type: Reading }, { name: steps, type: Reading }]
            compute:
              - { id: known, type: filter, when: has(value) }
              - { id: low, type: filter, when: value < 10.0 }
              - { id: high, type: filter, when: value > 20.0 }
              - { id: counted, type: transform, schema: Reading, set: { device: device, at: at, value: value, steps: (steps ?? 0) + 1 } }
            flows:
              - readings -> known -> low -> counted -> steps
              - known -> high -> counted
              - counted -> all
              - readings -> all
            """);
        EsfSchema schema = circuit.Inputs[0].Schema;
        Append("readings", schema, """{"device":"a","at":"1","value":5}""", """{"device":"b","at":"2","value":15}""",
            """{"device":"c","at":"3","value":25}""", """{"device":"d","at":"4"}""");
        Assert.Equal([0, 0], Run(circuit));
        Assert.Equal(["a", "c"], Devices("steps", schema));

        // The results are in the order of the flows: for each message first the result of 'known', then the message itself.
        Assert.Equal(["a", "a", "b", "c", "c", "d"], Devices("all", schema));
        Assert.Equal(2, Texts("all", schema).Count(text => text.Contains("\"steps\":1}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unreadable_message_is_rejected_once_and_does_not_stop_the_circuit(bool isToldOf)
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Reading }, { name: same, type: Reading }, { name: pairs, type: Alarm }]
            compute:
              - { id: all, type: filter, when: "true" }
              - id: both
                type: join
                with: { queue: others, schema: Reading, time: at, key: device }
                as: other
                within: 1s
                time: at
                key: device
                schema: Alarm
                set: { device: device, level: other.steps }
            flows: [readings -> all -> out, all -> same, all -> both -> pairs]

            """ + (isToldOf ? "rejected: dead\n" : ""));
        EsfSchema reading = circuit.Inputs[0].Schema;
        Append("readings", reading, """{"device":"a","at":"1","steps":"1"}""");
        byte[] cut = FirstMessage("readings")[..(EsfMessageHeader.Length + 1)];
        foreach (string queue in (string[])["readings", "others"])
        {
            using Estream.Queue.QueueAppender appender = Resources.Queue(queue).CreateAppender();
            appender.Append(cut);
        }

        Append("readings", reading, """{"device":"b","at":"2","steps":"2"}""");
        Append("others", reading, """{"device":"b","at":"2","steps":"7"}""", """{"device":"c","at":"9000000000","steps":"7"}""");
        Assert.Equal(2, Run(circuit).Sum());
        Assert.Equal(["a", "b"], Devices("out", reading));
        Assert.Equal(["a", "b"], Devices("same", reading));
        Assert.Equal(["""{"device":"b","level":7}"""], Texts("pairs", circuit.Outputs[2].Schema));
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        string[] letters = isToldOf ? [.. Texts("dead", letter)] : [];
        Assert.Equal(isToldOf ? 2 : 0, letters.Length);
        Assert.All(letters,
            text => Assert.Contains("is truncated, or of a version that this schema cannot read", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("readings.value < 100.0", "a")]
    [InlineData("value < 100.0", "a")]
    [InlineData("made.level < 100", "a")]
    [InlineData("alarms.level < 100", "a")]
    [InlineData("has(hot.steps)", "ac")]
    public void A_message_that_violates_an_invariant_is_rejected(string invariant, string passed)
    {
        Circuit circuit = Declare($$"""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: alarms, type: Alarm }, { name: rest, type: Reading }]
            compute:
              - { id: hot, type: filter, when: value > 1.0 }
              - { id: made, type: transform, schema: Alarm, set: { device: device, level: steps ?? 0 } }
            flows: [readings -> hot -> made -> alarms, hot -> rest]
            invariants: ["{{invariant}}"]
            rejected: dead
            """);
        Append("readings", circuit.Inputs[0].Schema, """{"device":"a","at":"1","value":5,"steps":"1"}""",
            """{"device":"b","at":"2","value":0}""", """{"device":"c","at":"3","value":500,"steps":"500"}""");
        long[] rejected = Run(circuit);
        Assert.Equal(passed.Select(c => c.ToString()), Devices("alarms", circuit.Outputs[0].Schema));

        // The rejection is reported once, even if two outputs follow.
        int expected = passed.Length == 2 ? 0 : 1;
        Assert.Equal(expected, rejected.Sum());
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        string[] letters = [.. Texts("dead", letter)];
        Assert.Equal(expected, letters.Length);
        Assert.All(letters, text => Assert.Contains($"the invariant '{invariant}' does not hold", text, StringComparison.Ordinal));
    }

    [Fact]
    public void An_invariant_without_a_value_rejects_the_message()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: out, type: Reading }]
            compute: [{ id: all, type: filter, when: "true" }]
            flows: [readings -> all -> out]
            invariants: [value < 10.0]
            """);
        Append("readings", circuit.Inputs[0].Schema, """{"device":"a","at":"1"}""", """{"device":"b","at":"2","value":5}""");
        Assert.Equal([1], Run(circuit));
        Assert.Equal(["b"], Devices("out", circuit.Outputs[0].Schema));
    }

    [Fact]
    public void A_result_that_cannot_be_built_is_rejected_once_for_several_outputs()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: one, type: Alarm }, { name: two, type: Alarm }]
            compute:
              - { id: made, type: transform, schema: Alarm, set: { device: device, level: steps } }
              - { id: high, type: filter, when: level > 5 }
            flows: [readings -> made -> one, made -> high -> two]
            rejected: dead
            """);
        Append("readings", circuit.Inputs[0].Schema, """{"device":"a","at":"1","steps":"9"}""", """{"device":"b","at":"2"}""",
            """{"device":"c","at":"3","steps":"3"}""");
        Assert.Equal(1, Run(circuit).Sum());
        Assert.Equal(["a", "c"], Devices("one", circuit.Outputs[0].Schema));
        Assert.Equal(["a"], Devices("two", circuit.Outputs[1].Schema));
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        Assert.Single(Texts("dead", letter));
    }

    [Fact]
    public void A_lookup_returns_the_newest_message_of_a_key()
    {
        Circuit limits = Declare("""
            inputs: [{ name: limits, type: Reading }]
            outputs: [{ name: newest, type: Reading, map: limits, key: device }]
            compute: [{ id: all, type: filter, when: has(value) }]
            flows: [limits -> all -> newest]
            """);
        EsfSchema reading = limits.Inputs[0].Schema;
        Append("limits", reading, """{"device":"a","at":"1","value":5}""", """{"device":"a","at":"2","value":7}""");
        Run(limits);
        Assert.Contains("\"value\":7", Entry("limits", "a", reading), StringComparison.Ordinal);

        Circuit checks = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: above, type: Reading }]
            compute:
              - { id: limit, type: lookup, map: limits, holds: Reading, as: limit, key: device, schema: Reading, set: { device: device, at: at, value: value - limit.value } }
              - { id: high, type: filter, when: value > 0.0 }
            flows: [readings -> limit -> high -> above]
            """);
        Append("readings", reading, """{"device":"a","at":"1","value":6}""", """{"device":"a","at":"1","value":9}""",
            """{"device":"b","at":"1","value":9}""");
        Run(checks);
        Assert.Equal(["""{"device":"a","at":1,"value":2}"""], Texts("above", reading));
        Assert.Equal(["limits"], checks.Pipelines[0].Lookups);
    }

    [Fact]
    public void A_stateful_node_must_precede_an_output()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }, { name: few, type: Reading }]
            compute:
              - { id: known, type: filter, when: has(steps) }
              - { id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }
              - { id: slow, type: throttle, every: 1s, time: at, key: device }
            flows: [readings -> known -> sum -> sums, known -> slow -> few]
            """);
        EsfSchema reading = circuit.Inputs[0].Schema;
        Append("readings", reading, """{"device":"a","at":"1","steps":"2"}""", """{"device":"a","at":"2","steps":"3"}""",
            """{"device":"a","at":"3"}""", """{"device":"a","at":"5000000000","steps":"1"}""");
        Run(circuit);
        Assert.Equal(["""{"device":"a","level":5}"""], Texts("sums", circuit.Outputs[0].Schema));
        Assert.Contains("\"steps\":2}", Texts("few", reading)[0], StringComparison.Ordinal);
        Assert.True(circuit.Pipelines[0].HasState && circuit.Pipelines[1].HasState);
    }

    [Fact]
    public void A_failed_result_of_a_stateful_node_is_reported_once()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: sums, type: Alarm }, { name: pairs, type: Alarm }]
            compute:
              - { id: known, type: filter, when: has(steps) }
              - { id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }
              - id: both
                type: join
                with: { queue: others, schema: Reading, time: at, key: device }
                as: other
                within: 1s
                time: at
                key: device
                schema: Alarm
                set: { device: device, level: other.steps }
            flows: [readings -> known -> sum -> sums, known -> both -> pairs]
            rejected: dead
            """);
        EsfSchema reading = circuit.Inputs[0].Schema;
        Append(
            "readings", reading, """{"device":"a","at":"1","steps":"9223372036854775807"}""", """{"device":"a","at":"2","steps":"1"}""",
            """{"device":"b","at":"3","steps":"2"}""", """{"device":"c","at":"5000000000","steps":"1"}""");
        Append("others", reading, """{"device":"a","at":"1"}""", """{"device":"b","at":"3","steps":"7"}""");
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        for (int round = 0; round < 2; round++)
        {
            long[] rejected = round == 0 ? [1, 2] : [0, 0];
            Assert.Equal(rejected, Run(circuit));
            Assert.Equal(["""{"device":"b","level":2}"""], Texts("sums", circuit.Outputs[0].Schema));
            Assert.Equal(["""{"device":"b","level":7}"""], Texts("pairs", circuit.Outputs[1].Schema));
            List<string> dead = Texts("dead", letter);
            Assert.Equal(3, dead.Count);
            Assert.Single(dead,
                text => text.Contains(
                    "\"source\":\"acme.test.v1.sums\",\"topic\":\"readings\",\"reason\":\"the result of the window of 'a' that ends at "
                    + "1000000000 ns cannot be made: the value for 'level' of acme.test.v1.Alarm does not fit in the field",
                            StringComparison.Ordinal));
            Assert.Equal(2,
                dead.Count(text =>
                    text.Contains("cannot be made: the field 'level' of acme.test.v1.Alarm gets no value that fits from 'other.steps'",
                        StringComparison.Ordinal)));
            Reopen();
        }
    }

    [Fact]
    public void A_threshold_emits_one_message_per_crossing()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }]
            outputs: [{ name: alarms, type: Alarm }]
            compute:
              - { id: hot, type: threshold, value: value, raise_above: 80.0, clear_below: 75.0, key: device, schema: Alarm, set: { device: device, level: 'if(crossing.raised, steps, 0)' } }
            flows: [readings -> hot -> alarms]
            rejected: dead
            """);
        EsfSchema reading = circuit.Inputs[0].Schema;
        Append("readings", reading, """{"device":"a","at":"1","value":81}""", """{"device":"a","at":"2","value":82,"steps":"2"}""",
            """{"device":"a","at":"3","value":83}""", """{"device":"a","at":"4","value":76}""");
        Assert.Equal([2], Run(circuit));
        Reopen();
        Append("readings", reading, """{"device":"a","at":"5"}""", """{"device":"a","at":"6","value":7}""",
            """{"device":"a","at":"7","value":6}""");
        Assert.Equal([0], Run(circuit));
        Assert.Equal(["""{"device":"a","level":2}""", """{"device":"a","level":0}"""], Texts("alarms", circuit.Outputs[0].Schema));
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter));
        Assert.All(Texts("dead", letter),
            text => Assert.Contains("the field 'level' of acme.test.v1.Alarm gets no value that fits", text, StringComparison.Ordinal));
        Assert.True(circuit.Pipelines[0].HasState);
    }

    [Fact]
    public void A_circuit_with_bound_nodes_has_no_pipelines_without_code()
    {
        Circuit circuit = Declare("""
            inputs: [{ name: readings, type: Reading }, { name: identity, type: Reading }]
            outputs: [{ name: alarms, type: Alarm }]
            compute:
              - { id: known, type: transform, description: "By code" }
              - { id: trust, type: stateful }
            flows: [readings -> known -> trust -> alarms]
            """);
        Assert.Equal(["known", "trust"], circuit.Nodes.Where(node => node.IsBound).Select(node => node.Id));
        Assert.Equal(["Reading Reading", "Reading Alarm"], circuit.Nodes.Select(node => $"{node.Takes.Name} {node.Makes.Name}"));
        Assert.Empty(circuit.Pipelines);
    }

    [Fact]
    public void Circuit_types_become_ESF_schemas()
    {
        CircuitReadResult result = Read("""
            escir_version: "0.8.0"
            name: acme.types.v1
            version: "1.0.0"
            enums: { State: { values: [Idle, Busy] } }
            types:
              - name: Part
                fields: [{ name: id, type: "[u8; 32]" }, { name: state, type: State }]
              - name: Whole
                description: "With parts"
                fields:
                  - { name: hash, type: "[u8;32]", optional: true }
                  - { name: roles, type: "[string]" }
                  - { name: signatures, type: "[bytes]" }
                  - { name: grid, type: "[[u8]]" }
                  - { name: hashes, type: "[[u8; 32]]" }
                  - { name: part, type: Part }
                  - { name: parts, type: "[Part]" }
            inputs: [{ name: whole, type: Whole }]
            outputs: [{ name: out, type: Whole }]
            compute: [{ id: all, type: filter, when: part.state == Busy }]
            flows: [whole -> all -> out]
            """);
        Assert.True(result.Circuit is not null, string.Join('\n', result.Diagnostics));
        Assert.Equal(
            "esf1 acme.types.v1.Whole{hash?:bytes32,roles:array(string),signatures:array(bytes),grid:array(array(u8)),"
            + "hashes:array(bytes32),"
            + "part:object{id:bytes32,state:enum State{Idle,Busy}},parts:array(object{id:bytes32,state:enum State{Idle,Busy}})}",
            result.Circuit.Inputs[0].Schema.Definition.CanonicalText);

        // Programs without the circuit can read its messages with this schema file.
        EsfSchemaFile file = Assert.Single(result.Schemas.Files.Skip(EsfSchemaSet.BuiltIn.Files.Count));
        Assert.Equal("acme.types.v1.esf.yaml", file.Name);
        Assert.True(EsfSchemaSet.Parse(file).TryGet("acme.types.v1.Whole", out EsfSchema? again));
        Assert.Equal(result.Circuit.Inputs[0].Schema.Id, again.Id);
    }

    [Fact]
    public void Load_reads_schema_files_next_to_the_circuit_and_reports_all_errors()
    {
        File.WriteAllText(Directory.Combine("rooms.esf.yaml"),
            "version: \"1.0\"\nnamespace: acme.rooms\nschemas: { Room: { fields: { name: { type: string(8) } } } }\n");
        string path = Directory.Combine("rooms.circuit.yaml");
        const string Text =
            "escir_version: \"0.8.0\"\nname: acme.rooms.v1\nversion: \"1.0.0\"\nschemas: [rooms.esf.yaml]\ninputs: [{ name: rooms, type: "
            + "Room }]\noutputs: [{ name: out, type: Room }]\n"
            + "compute: [{ id: all, type: filter, when: name != \"\" }]\nflows: [rooms -> all -> out]\n";
        File.WriteAllText(path, Text);
        Assert.Equal("acme.rooms.v1 1.0.0", Circuit.Load(path).ToString());
        File.WriteAllText(path,
            Text.Replace("-> out", "-> aout", StringComparison.Ordinal).Replace("1.0.0", "2.0.0", StringComparison.Ordinal));
        EstreamFormatException refused = Assert.Throws<EstreamFormatException>(() => Circuit.Load(path));
        Assert.Contains("Did you mean 'out'?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("a name that ends in 'v2'", refused.Message, StringComparison.Ordinal);
        Assert.Throws<EstreamFormatException>(() => Circuit.Load(Directory.Combine("none.circuit.yaml")));
    }

    [Fact]
    public void A_type_of_a_circuit_takes_precedence_over_a_known_schema_of_the_same_short_name()
    {
        EsfSchemaSet known = EsfSchemaSet.Parse(new EsfSchemaFile("rooms.esf.yaml",
            "version: \"1.0\"\nnamespace: acme.other\nschemas: { Room: { fields: { number: { type: i32 } } } }\n"));
        const string Text =
            "escir_version: \"0.8.0\"\nname: acme.rooms.v1\nversion: \"1.0.0\"\ntypes: [{ name: Room, fields: [{ name: name, type: string "
            + "}] }]\ninputs: [{ name: rooms, type: Room }]\noutputs: [{ name: out, type: Room }]\n"
            + "compute: [{ id: all, type: filter, when: name != \"\" }]\nflows: [rooms -> all -> out]\n";
        CircuitReadResult read = CircuitReader.Read(Text, "rooms.circuit.yaml", known, _ => EsfSchemaSet.Empty);
        Assert.Empty(read.Diagnostics);
        Assert.Equal("acme.rooms.v1.Room", read.Circuit!.Inputs[0].Schema.QualifiedName);
    }

    private List<string> Devices(string queue, EsfSchema schema) => [.. Texts(queue, schema).Select(text => text.Split('"')[3])];
}
