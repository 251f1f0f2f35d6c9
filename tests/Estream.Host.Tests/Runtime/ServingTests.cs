using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Host.Tests.Process;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: one endpoint of one host stores the messages of devices in queues and delivers messages of queues to subscribed
/// devices.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ServingTests : IDisposable
{
    private const string Topic = "devices/pump-7/telemetry";
    private const string Json = """{"timestamp":17,"metric_name":"pressure","value":20.5}""";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_device_receives_the_result_of_its_message()
    {
        int port = FreePort.Next();
        await File.WriteAllTextAsync(_directory.Combine("rules"), "topic write devices/+/telemetry\ntopic read stored/#\n");
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(_directory.Combine("data")).AddMqtt().AddQueue("telemetry").AddWireAdapter(
            "devices", new WireSettings("Adapters:devices", Settings(port)));
        using IHost host = builder.Build();
        await host.StartAsync();
        using Socket device = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
        device.Connect(IPAddress.Loopback, port);
        device.Send(Convert.FromHexString("100E" + "00044D515454" + "05" + "02" + "003C" + "00" + "000161"));
        device.Send([0x82, 0x0E, 0, 1, 0, 0, 8, .. "stored/#"u8, 1]);
        device.Send(Publish());

        string expected = $"stored/pump-7{(char)0}{(char)1}{(char)0}{{\"device_id\":\"pump-7\",\"timestamp\":17";
        StringBuilder received = new();
        byte[] buffer = new byte[4_096];
        while (!received.ToString().Contains(expected, StringComparison.Ordinal))
        {
            int count = device.Receive(buffer);
            Assert.NotEqual(0, count);
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        await host.StopAsync();
        using EstreamQueue relay = EstreamQueue.OpenReadOnly(_directory.Combine("data", "adapters", "devices", "relay"));
        Assert.Equal(1, relay.GetInfo().MessageCount);
    }

    private Dictionary<string, string?> Settings(int port) => new()
    {
        ["Type"] = "mqtt-endpoint",
        ["Port"] = $"{port}",
        ["AclFile"] = _directory.Combine("rules"),
        ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
        ["Mappings:0:Schema"] = "IoTTelemetry",
        ["Mappings:0:Queue"] = "telemetry",
        ["Egress:0:Queue"] = "telemetry",
        ["Egress:0:Schema"] = "IoTTelemetry",
        ["Egress:0:Topic"] = "stored/{device_id}",
    };

    /// <summary>Returns a PUBLISH packet with QoS 0.</summary>
    private static byte[] Publish()
    {
        byte[] body = [0, (byte)Topic.Length, .. Encoding.UTF8.GetBytes(Topic), 0, .. Encoding.UTF8.GetBytes(Json)];
        return [0x30, (byte)body.Length, .. body];
    }
}
