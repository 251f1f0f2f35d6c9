using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

// Publishes messages to the broker.
internal sealed partial class ClientLink
{
    // Guarded by _writing.
    private readonly OutputBuffer _output = new();

    // The number of open requests to send pending messages. The caller that raises the number from 0 to 1 sends for all callers until the
    // number is 0 again, so only one caller sends at a time. No code waits for this sender, not even the end of the connection. The gate
    // _writing orders its writes with all others. A sender that passes the gate after the end of the connection uses no resource but the
    // gate.
    private int _sendRequests;

    /// <summary>Sends the packets that the session still owes the broker before any other write: PUBRELs of an earlier process, then
    /// unacknowledged messages, the oldest first.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public async ValueTask ResumeOutboundAsync()
    {
        foreach (ushort id in _core.Session.Left())
        {
            // It is unknown whether the broker received the message with this identifier. A PUBREL frees the identifier in both cases.
            byte[] release = new byte[ControlPackets.MaxAckLength];
            await WriteAsync(release.AsMemory(0, ControlPackets.WriteAck(release, PacketType.PubRel, id, MqttReasonCode.Success)))
                .ConfigureAwait(false);
        }

        _core.Outbound.BeginConnection(_terms);
        try
        {
            await WriteWaitingAsync().ConfigureAwait(false);
        }
        catch (EstreamException)
        {
            // An identifier that cannot be saved on a full disk waits for the next attempt of the watch task. Another connection would not
            // find more space, and this connection can still be read.
        }
    }

    /// <summary>
    /// Requests that the pending messages are written, as far as the broker's quota allows. Thread-safe. Does not wait for the write. If
    /// this connection cannot be written any more, the next connection starts with the pending messages.
    /// </summary>
    /// <remarks>
    /// A single message is sent at once. While others are in flight, more will probably follow, so a pool thread writes all that have
    /// accumulated: one write costs many times as much as one message.
    /// </remarks>
    public void RequestSending()
    {
        if (Interlocked.Increment(ref _sendRequests) != 1)
        {
            return;
        }

        if (_core.Outbound.IsBusy())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            _ = SendRequestedAsync();
        }
    }

    /// <summary>Runs on the thread pool for <see cref="RequestSending"/>.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        _ = SendRequestedAsync();
    }

    /// <summary>Writes a message of QoS 0. Thread-safe.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public async ValueTask SendOnceAsync(EgressMessage message)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            ThrowIfSaidGoodbye();
            _output.Clear();
            _terms.TryWrite(PacketOf(message), _output);
            await WriteAsync(_output.Written).ConfigureAwait(false);
            _output.Clear();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Returns why the broker cannot accept a message; null if it can.</summary>
    public string? WhyNot(EgressMessage message)
    {
        return _terms.WhyNot(PacketOf(message));
    }

    private static ServerPublish PacketOf(EgressMessage message)
    {
        return new ServerPublish
        {
            Topic = message.Topic.WrittenSpan,
            Qos = (MqttQos)message.Quality,
            IsRetained = message.IsRetained,
            Payload = message.Payload.WrittenSpan,
        };
    }

    /// <summary>Whether every broker would always refuse the message for this reason. Any other refusal can end, for example when a right
    /// is granted or a quota is freed.</summary>
    private static bool IsAboutTheMessage(MqttReasonCode reason)
    {
        return reason is MqttReasonCode.TopicNameInvalid or MqttReasonCode.PayloadFormatInvalid;
    }

    /// <summary>Writes the pending messages. The caller holds the gate.</summary>
    private async ValueTask WriteWaitingAsync()
    {
        _output.Clear();
        _core.Outbound.Fill(_terms, _output);
        while (!_output.IsEmpty)
        {
            await WriteAsync(_output.Written).ConfigureAwait(false);
            _output.Clear();
            _core.Outbound.Fill(_terms, _output);
        }
    }

    private async ValueTask SendWaitingAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            ThrowIfSaidGoodbye();
            await WriteWaitingAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends the pending messages, and repeats that for requests that arrive meanwhile.</summary>
    private async Task SendRequestedAsync()
    {
        int requests;
        do
        {
            requests = Volatile.Read(ref _sendRequests);
            try
            {
                await SendWaitingAsync().ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or EstreamException)
            {
                // The read loop fails as well and reports it. An identifier that cannot be saved now is tried again with the next
                // acknowledgement,
                // the next message, or by the watch task.
            }
            catch (Exception failure)
            {
                // Leaving this loop with open requests would stop all sending, so end the connection.
                Fail(failure);
            }
        }
        while (Interlocked.Add(ref _sendRequests, -requests) != 0);
    }

    private Fault OnAnswer(PacketType type, ReadOnlySpan<byte> body)
    {
        Fault fault = AckPacket.Decode(type, body, out AckPacket answer);
        if (fault.IsFault)
        {
            return fault;
        }

        switch (_core.Outbound.Answer(type, answer, StatusOf(type, answer)))
        {
            case OutAnswer.Release:
                // PUBRELs are sent in the order of the PUBRECs [MQTT-4.6.0-4].
                _pump.Acks.Add(PacketType.PubRel, answer.PacketId, MqttReasonCode.Success);
                return default;
            case OutAnswer.Done:
                return default;
            default:
                return type == PacketType.PubComp && _core.Session.Forget(answer.PacketId) ? default : _pump.AnswerUnknownAck(type, body);
        }
    }

    private EmitStatus StatusOf(PacketType type, in AckPacket answer)
    {
        // A failed PUBCOMP means that the broker has already completed the message.
        return answer.IsFailure && type != PacketType.PubComp
            ? new EmitStatus(IsAboutTheMessage(answer.Reason) ? EmitCode.Refused : EmitCode.Deferred,
                $"{_core.Broker} refused the message with 0x{(byte)answer.Reason:X2} {answer.Reason}")
            : EmitStatus.Ok;
    }
}
