using System.Collections.Concurrent;
using Estream.Testing;
using MQTTnet;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Estream.Wire.Mqtt.Tests.Peers;

/// <summary>A connected client of MQTTnet that keeps the messages it receives. MQTTnet is independent: it shares no code with
/// Estream.</summary>
internal sealed class MqttNetParty : IAsyncDisposable
{
    private const byte PingResponse = 0xD0;
    private const byte PubAck = 0x40;

    private readonly IMqttClient _client;
    private readonly ConcurrentQueue<MqttApplicationMessage> _seen = new();
    private int _pings;
    private int _acknowledgements;
    private bool _isCut;

    private MqttNetParty(IMqttClient client)
    {
        _client = client;
        client.ApplicationMessageReceivedAsync += ReceiveAsync;
        client.InspectPacketAsync += InspectAsync;
    }

    /// <summary>Whether the broker continued an earlier session.</summary>
    public bool IsSessionPresent { get; private set; }

    public bool IsConnected => _client.IsConnected;

    /// <summary>The number of PINGRESP packets so far.</summary>
    public int Pings => Volatile.Read(ref _pings);

    /// <summary>The number of PUBACK packets that the client has sent, or sends before any other packet.</summary>
    public int Acknowledgements => Volatile.Read(ref _acknowledgements);

    /// <summary>The messages so far, in the order of their arrival.</summary>
    public IReadOnlyList<MqttApplicationMessage> Seen => [.. _seen];

    /// <summary>The payloads so far, in the order of their arrival.</summary>
    public IReadOnlyList<string> Payloads => [.. _seen.Select(message => message.ConvertPayloadToString() ?? "")];

    /// <summary>Whether messages are acknowledged; a message that was received while it is false is never acknowledged.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>Connects, with a clean start unless <paramref name="configure"/> says otherwise.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">The broker refuses the connection.</exception>
    public static async Task<MqttNetParty> ConnectAsync(
        int port,
        string clientId,
        MqttProtocolVersion version = MqttProtocolVersion.V500,
        Action<MqttClientOptionsBuilder>? configure = null)
    {
        MqttNetParty party = new(new MQTTnet.MqttClientFactory().CreateMqttClient());
        MqttClientConnectResult result = await party.TryConnectAsync(port, clientId, version, configure);
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return party;
    }

    /// <summary>Connects with a session that outlives the connection, and continues the session of an earlier connection.</summary>
    public static Task<MqttNetParty> ResumeAsync(int port, string clientId, MqttProtocolVersion version)
    {
        return ConnectAsync(port, clientId, version, Persistent(version));
    }

    public async Task SubscribeAsync(string filter, int qos, Action<MqttClientSubscribeOptionsBuilder>? configure = null)
    {
        MqttClientSubscribeOptionsBuilder request = new();
        request.WithTopicFilter(filter, (MqttQualityOfServiceLevel)qos);
        configure?.Invoke(request);
        MqttClientSubscribeResult result = await _client.SubscribeAsync(request.Build(), CancellationToken.None);
        Assert.Equal((MqttClientSubscribeResultCode)qos, Assert.Single(result.Items).ResultCode);
    }

    /// <summary>Publishes, and returns when the broker has acknowledged the message as its QoS requires.</summary>
    public async Task PublishAsync(
        string topic, string payload, int qos, bool retain = false, Action<MqttApplicationMessageBuilder>? configure = null)
    {
        MqttApplicationMessageBuilder message = new MqttApplicationMessageBuilder()
            .WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)qos).WithRetainFlag(retain);
        configure?.Invoke(message);
        MqttClientPublishResult result = await _client.PublishAsync(message.Build(), CancellationToken.None);
        Assert.True(result.IsSuccess, $"{result.ReasonCode} {result.ReasonString}");
    }

    /// <summary>Waits until this many messages have arrived.</summary>
    public void AwaitSeen(int count)
    {
        Eventually.True(() => _seen.Count >= count, $"{count} messages have arrived at the client of MQTTnet");
    }

    /// <summary>Sends DISCONNECT and closes the connection.</summary>
    public Task LeaveAsync(MqttClientDisconnectOptionsReason reason = MqttClientDisconnectOptionsReason.NormalDisconnection)
    {
        return _client.DisconnectAsync(new MqttClientDisconnectOptions { Reason = reason }, CancellationToken.None);
    }

    /// <summary>Closes the connection without DISCONNECT.</summary>
    public void Cut()
    {
        _isCut = true;
        _client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isCut && _client.IsConnected)
        {
            await LeaveAsync();
        }

        _client.Dispose();
    }

    private static Action<MqttClientOptionsBuilder> Persistent(MqttProtocolVersion version)
    {
        return options =>
        {
            if (version == MqttProtocolVersion.V500)
            {
                options.WithCleanStart(false).WithSessionExpiryInterval(600);
            }
            else
            {
                options.WithCleanSession(false);
            }
        };
    }

    private async Task<MqttClientConnectResult> TryConnectAsync(
        int port, string clientId, MqttProtocolVersion version, Action<MqttClientOptionsBuilder>? configure)
    {
        MqttClientOptionsBuilder options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port).WithClientId(clientId).WithProtocolVersion(version).WithTimeout(Eventually.DefaultLimit);
        configure?.Invoke(options);
        MqttClientConnectResult result = await _client.ConnectAsync(options.Build(), CancellationToken.None);
        IsSessionPresent = result.IsSessionPresent;
        return result;
    }

    private Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        received.AutoAcknowledge = Acknowledges;
        _seen.Enqueue(received.ApplicationMessage);
        return Task.CompletedTask;
    }

    private Task InspectAsync(InspectMqttPacketEventArgs packet)
    {
        if (packet.Direction == MqttPacketFlowDirection.Inbound && packet.Buffer[0] == PingResponse)
        {
            Interlocked.Increment(ref _pings);
        }

        if (packet.Direction == MqttPacketFlowDirection.Outbound && packet.Buffer[0] == PubAck)
        {
            Interlocked.Increment(ref _acknowledgements);
        }

        return Task.CompletedTask;
    }
}
