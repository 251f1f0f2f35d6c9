using System.Buffers;
using System.Text;
using Estream.Wire;
using MQTTnet;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MqttNetAdapter;

/// <summary>One connection of the MQTTnet client: connects, subscribes, stores each message, and then acknowledges the message.</summary>
internal sealed class MqttNetConnection : IAsyncDisposable
{
    private const int PublishType = 3;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly MqttNetOptions _options;
    private readonly AdapterEventLog _events;
    private readonly IngressWriter _writer;
    private readonly Action<int, IngressStatus> _count;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _storing = new(1);
    private readonly SemaphoreSlim _window;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="options">The settings.</param>
    /// <param name="writer">Writes to the queues. The connection disposes the writer.</param>
    /// <param name="events">Receives the events for the operator.</param>
    /// <param name="count">Called with the length and the outcome of each message.</param>
    public MqttNetConnection(MqttNetOptions options, IngressWriter writer, AdapterEventLog events, Action<int, IngressStatus> count)
    {
        _options = options;
        _writer = writer;
        _events = events;
        _count = count;
        _window = new SemaphoreSlim(options.ReceiveMaximum);
        _client.ApplicationMessageReceivedAsync += StoreAsync;
        _client.InspectPacketAsync += WaitForRoomAsync;
        _client.DisconnectedAsync += ended =>
        {
            _lost.TrySetResult(ended.Exception?.Message ?? $"the broker ended the connection: {ended.Reason}");
            return Task.CompletedTask;
        };
    }

    /// <summary>Connects and subscribes.</summary>
    /// <exception cref="MqttCommunicationException">The broker is unreachable, refuses the client, or refuses a subscription.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        MqttClientOptionsBuilder options = new MqttClientOptionsBuilder()
            .WithTcpServer(_options.Host, _options.Port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(_options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)_options.SessionExpirySeconds)
            .WithReceiveMaximum((ushort)_options.ReceiveMaximum)
            .WithKeepAlivePeriod(_options.KeepAlive)
            .WithTimeout(_options.Timeout);
        if (_options.UserName is { } user)
        {
            options.WithCredentials(user, _options.Password?.Read() ?? []);
        }

        MqttClientConnectResult answer = await _client.ConnectAsync(options.Build(), cancellation).ConfigureAwait(false);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new MqttCommunicationException($"the broker refuses the connection: {answer.ResultCode}");
        }

        if (_options.Subscriptions.Count > 0)
        {
            await SubscribeAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the connection is lost.</summary>
    /// <returns>The reason for the loss.</returns>
    public Task<string> WaitForEndAsync(CancellationToken cancellation)
    {
        return _lost.Task.WaitAsync(cancellation);
    }

    /// <summary>Publishes a message. At QoS 1, waits for the acknowledgement of the broker.</summary>
    /// <exception cref="MqttCommunicationException">The connection is lost, or the broker does not answer.</exception>
    public async Task<EmitStatus> PublishAsync(EgressMessage message, CancellationToken cancellation)
    {
        MqttApplicationMessage outgoing = new()
        {
            Topic = Encoding.UTF8.GetString(message.Topic.WrittenSpan),
            Payload = new ReadOnlySequence<byte>(message.Payload.WrittenMemory),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Quality,
            Retain = message.IsRetained,
        };
        MqttClientPublishResult answer = await _client.PublishAsync(outgoing, cancellation).ConfigureAwait(false);
        return answer.IsSuccess ? EmitStatus.Ok : new EmitStatus(EmitCode.Refused, $"the broker answers {answer.ReasonCode}");
    }

    /// <summary>Closes the connection. The connection stores no message after the returned task completes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        try
        {
            using CancellationTokenSource limit = new(s_farewell);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is MqttCommunicationException or OperationCanceledException or InvalidOperationException)
        {
            // The connection is already lost, or the broker does not read.
        }

        _client.Dispose();

        // Never released: a handler that MQTTnet calls later finds that the connection has ended.
        await _storing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _writer.Dispose();
    }

    private async Task SubscribeAsync(CancellationToken cancellation)
    {
        MqttClientSubscribeOptionsBuilder request = new();
        foreach (MqttNetSubscription subscription in _options.Subscriptions)
        {
            request.WithTopicFilter(subscription.Filter, (MqttQualityOfServiceLevel)subscription.Qos);
        }

        MqttClientSubscribeResult answer = await _client.SubscribeAsync(request.Build(), cancellation).ConfigureAwait(false);
        MqttClientSubscribeResultItem? refused =
            answer.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2);
        if (refused is not null)
        {
            throw new MqttCommunicationException($"the broker refuses to subscribe to '{refused.TopicFilter.Topic}': {refused.ResultCode}");
        }
    }

    /// <summary>
    /// Keeps MQTTnet from reading on while the window is full. MQTTnet queues received packets without a limit, but awaits this handler
    /// after each packet.
    /// </summary>
    private async Task WaitForRoomAsync(InspectMqttPacketEventArgs packet)
    {
        if (packet.Direction == MqttPacketFlowDirection.Inbound && packet.Buffer[0] >> 4 == PublishType)
        {
            await _window.WaitAsync(_ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stores a message and acknowledges it. MQTTnet calls this handler for one message at a time.</summary>
    private async Task StoreAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        received.AutoAcknowledge = false;
        await _storing.WaitAsync(_ended.Token).ConfigureAwait(false);
        try
        {
            if (await AppendAsync(received.ApplicationMessage).ConfigureAwait(false))
            {
                await received.AcknowledgeAsync(_ended.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _window.Release();
            _storing.Release();
        }
    }

    /// <returns>True if the message is stored or is a dead letter; false if the connection ends first.</returns>
    private async Task<bool> AppendAsync(MqttApplicationMessage message)
    {
        byte[] topic = Encoding.UTF8.GetBytes(message.Topic);
        ReadOnlyMemory<byte> payload = message.Payload.IsSingleSegment ? message.Payload.First : message.Payload.ToArray();
        bool wasBlocked = false;
        while (!_ended.IsCancellationRequested)
        {
            IngressStatus status = Append(topic, payload.Span);
            if ((status == IngressStatus.Blocked) != wasBlocked)
            {
                wasBlocked = !wasBlocked;
                _events.Report(
                    wasBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
                    wasBlocked ? $"Nothing is read, a queue cannot be written: {_writer.Failure?.Message}" : "Messages are read again.");
            }

            if (status != IngressStatus.Blocked)
            {
                _count(topic.Length + payload.Length, status);
                return true;
            }

            await Task.Delay(s_retry, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private IngressStatus Append(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        try
        {
            return _writer.Append(new WireMessage(topic, payload));
        }
        finally
        {
            _writer.Release();
        }
    }
}
