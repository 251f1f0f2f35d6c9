using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

// What we publish.
internal sealed partial class ClientLink
{
    // Whoever holds the gate writes to it.
    private readonly OutputBuffer _output = new();

    // How often somebody has asked for what waits to be sent, since the last time that was done. Who makes it 1 sends for all who ask until
    // it is 0 again, so that one does at a time. Nobody waits for him, the end of the connection neither: the gate orders his writes with
    // all others, and who comes to it behind the end touches nothing but the gate.
    private int _sendRequests;

    /// <summary>Begins with what the session owes the broker, the oldest first, before all others write.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public async ValueTask ResumeOutboundAsync()
    {
        foreach (ushort id in _core.Session.Left())
        {
            // Whether the broker has its message nobody knows any more; released, the identifier is free in both cases.
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
            // What cannot be noted on a full disk waits for who watches; another connection would not find more room, and this one can be
            // read.
        }
    }

    /// <summary>
    /// Has what waits written, as far as the broker's quota reaches; from any thread. It is not waited for: where this connection cannot be
    /// written to any more, the next one begins with it.
    /// </summary>
    /// <remarks>
    /// A message alone goes out at once. Where others are under way more will come, and a thread beside the caller's writes what has been
    /// brought by then: a write costs many times what a message costs.
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

    /// <summary>Called by the thread pool, for <see cref="RequestSending"/>.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        _ = SendRequestedAsync();
    }

    /// <summary>Writes a message that is sent once and never again; from any thread.</summary>
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

    /// <summary>Why the broker does not take a message at all; null where it does.</summary>
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

    /// <summary>Whether every broker would always say so to this message; all other refusals end with a right granted or a quota
    /// freed.</summary>
    private static bool IsAboutTheMessage(MqttReasonCode reason)
    {
        return reason is MqttReasonCode.TopicNameInvalid or MqttReasonCode.PayloadFormatInvalid;
    }

    /// <summary>Called by who holds the gate.</summary>
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

    /// <summary>Sends what waits, once more for those who have asked meanwhile.</summary>
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
                // The reading loop finds out too, and says it. What cannot be noted now waits for the next answer, the next message, or who
                // watches.
            }
            catch (Exception failure)
            {
                // Who leaves this loop with requests open is the last one who has ever sent.
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
                // In the order of the PUBRECs [MQTT-4.6.0-4].
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
        // A PUBCOMP that fails says that the broker is done with the message already.
        return answer.IsFailure && type != PacketType.PubComp
            ? new EmitStatus(IsAboutTheMessage(answer.Reason) ? EmitCode.Refused : EmitCode.Deferred,
                $"{_core.Broker} refused the message with 0x{(byte)answer.Reason:X2} {answer.Reason}")
            : EmitStatus.Ok;
    }
}
