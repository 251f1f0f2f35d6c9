using System.Net;
using Estream.Testing;
using MQTTnet.Server;

namespace Estream.Wire.Mqtt.Tests.Peers;

/// <summary>MQTTnet.Server as a broker on a free loopback port. Sessions and messages live in its memory, so a stop loses them.</summary>
internal sealed class MqttNetBroker : IAsyncDisposable
{
    private MqttServer? _server;

    private MqttNetBroker(int port)
    {
        Port = port;
    }

    public int Port { get; }

    public static async Task<MqttNetBroker> StartAsync()
    {
        MqttNetBroker broker = new(FreePort.Next());
        await broker.BeginAsync();
        return broker;
    }

    /// <summary>Starts the broker with an empty state.</summary>
    public async Task BeginAsync()
    {
        _server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(Port)
            .WithDefaultEndpointReuseAddress()
            .WithMaxPendingMessagesPerClient(100_000)
            .WithPersistentSessions()
            .Build());
        await _server.StartAsync();
    }

    /// <summary>Stops the broker and closes its connections.</summary>
    public async Task EndAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.StopAsync();
            server.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        return new ValueTask(EndAsync());
    }
}
