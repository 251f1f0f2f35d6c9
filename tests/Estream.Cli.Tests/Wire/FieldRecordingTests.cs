using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Estream.Testing;
using Estream.Wire.Dnp3;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Tests.Wire;

/// <summary>Recordings of field and health protocols: what a client sends is replayed, and credentials are not in the files.</summary>
public sealed class FieldRecordingTests : IDisposable
{
    private const string Secret = "hunter2-canary";

    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_recorded_Modbus_client_is_replayed_with_equal_responses()
    {
        using LoopbackServer server = new(0);
        using CancellationTokenSource stop = new();
        Task serving = server.RunAsync(new ModbusDevice().ServeAsync, stop.Token);
        using Recording recording = new(server.Port, "--protocol", "modbus");

        CliResult read = await _data.RunAsync("modbus", "read", $"127.0.0.1:{recording.Port}", "--holding", "10:4", "--timeout", "20000");
        ProcessResult recorded = recording.Stop();
        CliResult replayed = await ReplayAsync(recording, server.Port, "modbus", "--expect");

        Assert.Equal(ExitCode.Ok, read.Code);
        Assert.DoesNotContain("passwords", recorded.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
        Assert.Contains("replayed 1 connections: 12 bytes sent, 17 bytes received", replayed.Output, StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_recorded_Dnp3_master_is_replayed()
    {
        int port = FreePort.Next();
        await using Dnp3Outstation outstation = new(new Dnp3OutstationOptions { Port = port });
        outstation.Set(new Dnp3Measurement(Dnp3PointKind.BinaryInput, 0, 1) { IsInteger = true });
        using Recording recording = new(port, "--protocol", "dnp3");

        CliResult poll = await _data.RunAsync("dnp3", "poll", $"127.0.0.1:{recording.Port}", "--timeout", "60000");
        recording.Stop();
        CliResult replayed = await ReplayAsync(recording, port, "dnp3");

        Assert.True(poll.Code == ExitCode.Ok, poll.Error);
        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
    }

    [Fact]
    public async Task Tokens_and_cookies_of_a_FHIR_client_are_not_recorded()
    {
        List<string> requests = [];
        using LoopbackServer server = new(0);
        using CancellationTokenSource stop = new();
        Task serving = server.RunAsync((stream, cancellation) => ServeAsync(stream, requests, cancellation), stop.Token);
        using Recording recording = new(server.Port, "--protocol", "fhir");

        using (HttpClient client = new())
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
            Assert.Equal("{}", await client.GetStringAsync(new Uri($"http://127.0.0.1:{recording.Port}/fhir/Patient/1")));
        }

        Assert.Equal(0, recording.Stop().ExitCode);
        Assert.Contains(Secret, Assert.Single(requests), StringComparison.Ordinal);
        string content = Encoding.Latin1.GetString(recording.Content());
        Assert.Contains("GET /fhir/Patient/1", content, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, content, StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
    }

    private Task<CliResult> ReplayAsync(Recording recording, int port, string protocol, params string[] options) => _data.RunAsync(
        ["wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{port}", "--protocol", protocol, .. options]);

    private static async Task ServeAsync(NetworkStream stream, List<string> requests, CancellationToken cancellation)
    {
        byte[] buffer = new byte[4_096];
        StringBuilder request = new();
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer, cancellation);
            if (count == 0)
            {
                return;
            }

            request.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        requests.Add(request.ToString());
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nSet-Cookie: session={Secret}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"),
            cancellation);
    }
}
