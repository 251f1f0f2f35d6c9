using System.Net;
using System.Text.Json;
using Estream.Circuits;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Http;

/// <summary>A running circuit, shown and observed over HTTP.</summary>
public sealed class CircuitEndpointTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private IHost? _host;
    private HttpCase? _http;

    public async Task InitializeAsync()
    {
        CircuitReadResult read = CircuitReader.Read(
            """
            escir_version: "0.8.0"
            name: acme.beats.v1
            version: "1.0.0"
            description: "Beats of a clock"
            inputs: [{ name: often, every: 10ms }]
            outputs: [{ name: beats, type: estream.system.TimerTick }, { name: copies, type: estream.system.TimerTick }]
            compute: [{ id: all, type: filter, when: has(at) }]
            flows: [often -> all -> beats, all -> copies]
            """,
            "beats.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(_directory.Path).AddQueue("often").AddAddress(LexAddress.Parse("lex://plant/often"), "often")
            .AddQueue("beats").AddQueue("copies").AddCircuit(read.Circuit!);
        _host = builder.Build();
        await _host.StartAsync();
        _http = await HttpCase.StartAsync(_host.Services.GetRequiredService<IHostView>());
    }

    public async Task DisposeAsync()
    {
        await _http!.DisposeAsync();
        await _host!.StopAsync();
        _host.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("GET", "", HttpStatusCode.NotFound, "There is no circuit with this name")]
    [InlineData("GET", "/traces", HttpStatusCode.NotFound, "There is no circuit with this name")]
    [InlineData("PUT", "/observation?level=L1", HttpStatusCode.NotFound, "There is no circuit with this name")]
    public async Task An_unknown_circuit_is_not_found(string method, string rest, HttpStatusCode status, string expected) =>
        Assert.Equal((status, true), await AskAsync(method, "/api/circuits/acme.other.v1" + rest, expected));

    [Theory]
    [InlineData("GET", "/traces?output=other", HttpStatusCode.NotFound, "The circuit has no output with this name. Its outputs are beats, "
        + "copies.")]
    [InlineData("GET", "/traces?last=1001", HttpStatusCode.BadRequest, "last must be a whole number from 1 to 1000.")]
    [InlineData("PUT", "/observation?output=other&level=L1", HttpStatusCode.NotFound, "The circuit has no output with this name")]
    [InlineData("PUT", "/observation", HttpStatusCode.BadRequest, "level must be one of L0, L1, L2, L3.")]
    [InlineData("PUT", "/observation?level=L4", HttpStatusCode.BadRequest, "level must be one of L0, L1, L2, L3.")]
    [InlineData("PUT", "/observation?level=L1&seconds=0", HttpStatusCode.BadRequest, "seconds must be a whole number from 1 to 86400.")]
    [InlineData("PUT", "/observation?level=L1&seconds=86401", HttpStatusCode.BadRequest, "seconds must be a whole number from 1 to 86400.")]
    [InlineData("PUT", "/observation?output=&level=L4", HttpStatusCode.BadRequest, "level must be one of")]
    [InlineData("POST", "/observation?level=L1", HttpStatusCode.MethodNotAllowed, "")]
    [InlineData("GET", "/observation?level=L1", HttpStatusCode.MethodNotAllowed, "")]
    public async Task An_invalid_request_is_rejected_and_changes_nothing(string method, string rest, HttpStatusCode status,
        string expected)
    {
        Assert.Equal((status, true), await AskAsync(method, "/api/circuits/acme.beats.v1" + rest, expected));
        Assert.Equal(["L1", "L1"], Levels(await GetAsync("")));
    }

    [Fact]
    public async Task The_circuit_endpoint_returns_inputs_nodes_outputs_and_flows_of_a_circuit()
    {
        JsonElement circuit = await GetAsync("");
        Assert.Equal(
            ["often timer often", "all filter ", "beats output beats", "copies output copies"],
            circuit.GetProperty("places").EnumerateArray()
                .Select(place => $"{place.GetProperty("name")} {place.GetProperty("kind")} {place.GetProperty("at")}"));
        Assert.Equal(["often -> all", "all -> beats", "all -> copies"],
            circuit.GetProperty("flows").EnumerateArray().Select(flow => $"{flow.GetProperty("from")} -> {flow.GetProperty("to")}"));
        Assert.Equal(("1.0.0", "Beats of a clock", "default"),
            (Text(circuit, "version"), Text(circuit, "description"), Text(circuit, "tenant")));
    }

    [Fact]
    public async Task Observation_of_a_stream_can_be_raised_for_a_time_and_returns_traces()
    {
        HttpResponseMessage answer =
            await _http!.Client.PutAsync("/api/circuits/acme.beats.v1/observation?output=beats&level=L3&seconds=3600", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using JsonDocument changed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(["L3", "L1"], Levels(changed.RootElement));
        Assert.NotEqual(JsonValueKind.Null, changed.RootElement.GetProperty("observations")[0].GetProperty("until").ValueKind);
        JsonElement traces = default;
        await Eventually.TrueAsync(async () => (traces = await GetAsync("/traces?last=2")).GetArrayLength() == 2, "messages are traced");
        JsonElement trace = traces[0];
        Assert.Equal(("beats", "often", "taken"), (Text(trace, "output"), Text(trace, "queue"), Text(trace, "outcome")));
        Assert.Equal(["often", "all", "beats"], trace.GetProperty("steps").EnumerateArray().Select(step => Text(step, "place")));
        Assert.True(traces[0].GetProperty("sequence").GetInt64() > traces[1].GetProperty("sequence").GetInt64());
        Assert.Equal(0, (await GetAsync("/traces?output=copies")).GetArrayLength());

        await _http.Client.PutAsync("/api/circuits/acme.beats.v1/observation?level=L0", null);
        Assert.Equal(["L0", "L0"], Levels(await GetAsync("")));
    }

    [Theory]
    [InlineData("lex://acme/beats/v1",
        """{"address":"lex://acme/beats/v1","kind":"circuit","name":"acme.beats.v1","schema":null,"messages":null,"href":"/api/circuits/acme.beats.v1"}""")]
    [InlineData("lex://acme/beats/v1/copies",
        """{"address":"lex://acme/beats/v1/copies","kind":"queue","name":"copies","schema":"estream.system.TimerTick","messages":null,"href":"/api/queues/copies/messages"}""")]
    [InlineData("lex://plant/often/devices/pump%207",
        """{"address":"lex://plant/often/devices/pump%207","kind":"queue","name":"often","schema":null,"messages":"/devices/pump%207","href":"/api/queues/often/messages"}""")]
    public async Task An_address_endpoint_returns_its_content(string address, string expected) =>
        Assert.Equal(expected, await _http!.Client.GetStringAsync($"/api/lex?address={Uri.EscapeDataString(address)}"));

    [Theory]
    [InlineData("lex://acme/beats", HttpStatusCode.NotFound, "This host has nothing at this address. /api/lex lists all addresses.")]
    [InlineData("http://acme/beats", HttpStatusCode.BadRequest, "The address is not valid: it does not begin with ")]
    public async Task Unknown_and_invalid_addresses_are_rejected(string address, HttpStatusCode status, string expected) =>
        Assert.Equal((status, true), await AskAsync("GET", $"/api/lex?address={Uri.EscapeDataString(address)}", expected));

    [Fact]
    public async Task All_addresses_are_listed()
    {
        using JsonDocument all = JsonDocument.Parse(await _http!.Client.GetStringAsync("/api/lex"));
        Assert.Equal(["lex://acme/beats/v1", "lex://acme/beats/v1/beats", "lex://acme/beats/v1/copies", "lex://plant/often"],
            all.RootElement.EnumerateArray().Select(entry => Text(entry, "address")));
    }

    private static IEnumerable<string?> Levels(JsonElement circuit) =>
        [.. circuit.GetProperty("observations").EnumerateArray().Select(stream => Text(stream, "level"))];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<(HttpStatusCode, bool)> AskAsync(string method, string path, string expected)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        HttpResponseMessage answer = await _http!.Client.SendAsync(request);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains(expected, StringComparison.Ordinal));
    }

    private async Task<JsonElement> GetAsync(string rest)
    {
        using JsonDocument document = JsonDocument.Parse(await _http!.Client.GetStringAsync("/api/circuits/acme.beats.v1" + rest));
        return document.RootElement.Clone();
    }
}
