using Estream.Esf;

namespace Estream.Circuits.Tests;

/// <summary>The directory maps addresses to targets, and circuits read by address.</summary>
public sealed class LexDirectoryTests : CircuitCase
{
    private const string Source = """
        inputs: [{ name: in, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: out, type: estream.iot.IoTTelemetry, queue: readings }, { name: newest, type: estream.iot.IoTTelemetry, map: newest, key: device_id, lex: "lex://acme/newest" }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> out, all -> newest]
        """;

    private const string Reader = """
        lex: lex://acme/alarms
        inputs: [{ name: in, type: estream.iot.IoTTelemetry, lex: LEX }]
        outputs: [{ name: out, type: Alarm, queue: alarms }]
        compute: [{ id: made, type: transform, schema: Alarm, set: { device: device_id, level: 1 } }]
        flows: [in -> made -> out]
        """;

    [Fact]
    public void Circuit_and_output_addresses_are_declared_or_derived_from_names()
    {
        Circuit source = Declare(Source, "acme.source.v1");
        Assert.Equal("lex://acme/source/v1", source.Address.ToString());
        Assert.Equal(["lex://acme/source/v1/out", "lex://acme/newest"], source.Outputs.Select(output => output.Address!.ToString()));
        Assert.Null(source.Inputs[0].Address);
        Circuit reader = Declared("lex://acme/source/v1/out");
        Assert.Equal(("lex://acme/alarms", "lex://acme/alarms/out"), (reader.Address.ToString(), reader.Outputs[0].Address!.ToString()));
    }

    [Theory]
    [InlineData("lex://acme/source/v1", "circuit acme.source.v1", "")]
    [InlineData("lex://acme/source/v1/out", "queue readings", "")]
    [InlineData("lex://acme/source/v1/out/devices/a", "queue readings", "/devices/a")]
    [InlineData("lex://acme/newest", "map newest", "")]
    [InlineData("lex://plant/telemetry/devices/a", "queue telemetry", "/devices/a")]
    public void The_directory_resolves_an_address_and_its_descendants(string address, string expected, string rest)
    {
        Assert.True(Streams().TryResolve(LexAddress.Parse(address), out LexTarget? target, out string found));
        Assert.Equal((expected, rest), (target.ToString(), found));
    }

    [Theory]
    [InlineData("lex://acme/source/v1/other")]
    [InlineData("lex://acme/source")]
    [InlineData("lex://acme/new")]
    [InlineData("lex://other/newest")]
    public void An_unknown_address_does_not_resolve(string address)
    {
        Assert.False(Streams().TryResolve(LexAddress.Parse(address), out LexTarget? target, out string rest));
        Assert.Equal((null, ""), (target, rest));
    }

    [Fact]
    public void A_duplicate_address_is_refused()
    {
        LexDirectory streams = Streams();
        int count = streams.Count;
        streams.Add(Declare(Source, "acme.source.v1"));
        Assert.Equal(count, streams.Count);
        ArgumentException clash = Assert.Throws<ArgumentException>(() =>
            streams.Add(LexAddress.Parse("lex://acme/newest"), new LexTarget(LexTargetKind.Queue, "newest")));
        Assert.StartsWith("lex://acme/newest is already the address of map newest. Give queue newest another address.",
            clash.Message, StringComparison.Ordinal);
        Assert.Equal(streams.All.Select(entry => entry.Key.ToString()).Order(StringComparer.Ordinal),
            streams.All.Select(entry => entry.Key.ToString()));
    }

    [Fact]
    public async Task A_circuit_reads_the_stream_at_a_resolved_address()
    {
        Circuit source = Declare(Source, "acme.source.v1"), reader = Declared("lex://acme/source/v1/out");
        Assert.True(reader.Inputs[0].IsUnresolved);
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        Assert.Contains("has inputs with unresolved addresses: 'in' (lex://acme/source/v1/out)",
            Assert.Throws<ArgumentException>(() => runtime.Open(reader)).Message, StringComparison.Ordinal);
        Circuit resolved = reader.Resolve(Streams());
        Assert.Equal(("readings", false, "lex://acme/source/v1/out"),
            (resolved.Inputs[0].Queue, resolved.Inputs[0].IsUnresolved, resolved.Inputs[0].Address!.ToString()));
        Append("in", source.Inputs[0].Schema, """{"device_id":"a","timestamp":"1","metric_name":"m","value":1}""");
        runtime.Open(source).Outputs[0].Running.Results.RunToEnd();
        runtime.Open(resolved).Outputs[0].Running.Results.RunToEnd();
        Assert.Equal(["""{"device":"a","level":1}"""], Texts("alarms", resolved.Outputs[0].Schema));
    }

    [Theory]
    [InlineData("lex://acme/nothing", "nothing has this address")]
    [InlineData("lex://acme/source/v1/out/devices",
        "'/devices' addresses messages in the queue readings; name the address of the stream itself")]
    [InlineData("lex://acme/newest", "it is the map newest, but an input must be a queue")]
    [InlineData("lex://acme/source/v1", "it is the circuit acme.source.v1, but an input must be a queue")]
    [InlineData("lex://acme/numbers", "its messages are estream.iot.IoTAlert, but the input takes estream.iot.IoTTelemetry")]
    [InlineData("lex://acme/own", "it is the queue alarms, which the circuit writes itself")]
    public void An_unreadable_input_address_is_reported(string address, string expected)
    {
        LexDirectory streams = Streams();
        streams.Add(LexAddress.Parse("lex://acme/numbers"),
            new LexTarget(LexTargetKind.Queue, "numbers",
                EsfSchemaSet.BuiltIn.TryGet("estream.iot.IoTAlert", out EsfSchema? numbers) ? numbers : null));
        streams.Add(LexAddress.Parse("lex://acme/own"), new LexTarget(LexTargetKind.Queue, "alarms"));
        ArgumentException mistake = Assert.Throws<ArgumentException>(() => Declared(address).Resolve(streams));
        Assert.StartsWith($"the input 'in' of acme.reader.v1 1.2.3 reads {address}: {expected}", mistake.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Output_addresses_do_not_change_the_fingerprint()
    {
        Run(Windowed(""));
        string[] states = System.IO.Directory.GetDirectories(Directory.Combine("pipelines"));
        Assert.Single(states);
        Reopen();
        Run(Windowed(", lex: \"lex://acme/elsewhere\""));
        Assert.Equal(states, System.IO.Directory.GetDirectories(Directory.Combine("pipelines")));
    }

    private static Circuit Windowed(string output) => Declare($$"""
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Alarm{{output}} }]
        compute: [{ id: sum, type: aggregate, tumbling: 1s, time: at, key: device, schema: Alarm, set: { device: key, level: { sum: steps } } }]
        flows: [in -> sum -> out]
        """);

    private static Circuit Declared(string address) =>
        Declare(Reader.Replace("LEX", $"\"{address}\"", StringComparison.Ordinal), "acme.reader.v1");

    private static LexDirectory Streams()
    {
        LexDirectory streams = new();
        streams.Add(Declare(Source, "acme.source.v1"));
        streams.Add(LexAddress.Parse("lex://plant/telemetry"), new LexTarget(LexTargetKind.Queue, "telemetry"));
        return streams;
    }
}
