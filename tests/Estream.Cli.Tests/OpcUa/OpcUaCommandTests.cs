using System.Globalization;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.OpcUa;
using Estream.Wire.OpcUa.Tests.Peers;

namespace Estream.Cli.Tests.OpcUa;

/// <summary>`estream opcua browse`, `read`, `write` and `watch` against a node-opcua server, with encryption.</summary>
public sealed class OpcUaCommandTests(NodeServer server) : IClassFixture<NodeServer>, IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [PeerFact("npm", "npm")]
    public async Task Commands_work_over_an_encrypted_connection()
    {
        server.Start();
        CliResult browsed = await RunAsync("browse", "ns=1;s=Plant", "--json");
        Assert.Equal(ExitCode.Ok, browsed.Code);
        Assert.Contains(browsed.Lines, line => line.Contains("\"node\":\"ns=1;s=SetPoint\"", StringComparison.Ordinal));

        CliResult written = await RunAsync("write", "ns=1;s=SetPoint", "42.5", "--json");
        Assert.Equal(ExitCode.Ok, written.Code);
        CliResult read = await RunAsync("read", "ns=1;s=SetPoint", "--json");
        using JsonDocument value = JsonDocument.Parse(read.Output);
        Assert.Equal(42.5, value.RootElement.GetProperty("value").GetDouble());
        Assert.Equal("Double", value.RootElement.GetProperty("type").GetString());

        CliResult watched = await RunAsync("watch", "ns=1;s=Count", "--count", "3", "--interval", "100", "--json");
        Assert.Equal(ExitCode.Ok, watched.Code);
        uint[] counts = [.. watched.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value").GetUInt32())];
        Assert.Equal(3, counts.Length);
        Assert.Equal(counts.Order(), counts);
    }

    [PeerFact("npm", "npm")]
    public async Task Read_of_an_unknown_node_reports_its_status()
    {
        server.Start();
        CliResult read = await RunAsync("read", "ns=1;s=Nothing", "--json");
        Assert.Equal(ExitCode.No, read.Code);
        Assert.Contains("BadNodeIdUnknown", read.Output, StringComparison.Ordinal);
    }

    [PeerFact("npm", "npm")]
    public async Task Read_refuses_a_server_that_is_not_trusted()
    {
        CliResult read = await _data.RunAsync(
            ["opcua", "read", server.Start().Url, "ns=1;s=Count", "--pki", server.Combine("untrusting-cli")]);
        read.AssertFailed(ExitCode.Failed, "is not accepted", Path.Combine("trusted", "certs"));
    }

    [Fact]
    public async Task Read_refuses_a_server_that_offers_less_security()
    {
        await using OpcUaSimulator simulator = new();
        CliResult read = await _data.RunAsync(["opcua", "read", simulator.Url, "ns=1;s=Count", "--pki", server.Combine("no-server")]);
        read.AssertFailed(ExitCode.Failed, "has no endpoint with policy Basic256Sha256");
    }

    private Task<CliResult> RunAsync(string command, params string[] arguments) => _data.RunAsync(
        ["opcua", command, server.Url, .. arguments, "--pki", server.TrustingFolder("cli"),
            "--timeout", 30_000.ToString(CultureInfo.InvariantCulture)]);
}
