using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

// Re-authenticates on an open connection.
internal sealed partial class ClientLink
{
    // Non-null during a re-authentication.
    private volatile ScramClient? _exchange;
    private long _provenAt;

    /// <summary>Handles the server's AUTH in a re-authentication that the client has started.</summary>
    private Fault OnAuth(ReadOnlySpan<byte> body)
    {
        if (_exchange is not { } exchange)
        {
            return Fault.Protocol("the server sent an AUTH without a request (section 4.12)");
        }

        Fault fault = AuthPacket.Decode(body, out AuthPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        if (packet.Reason == MqttReasonCode.ContinueAuthentication)
        {
            fault = ScramPackets.Answer(body, exchange, out byte[]? reply);
            if (!fault.IsFault)
            {
                _pump.Acks.Add(reply);
            }

            return fault;
        }

        _exchange = null;
        return packet.Reason == MqttReasonCode.Success && ScramPackets.IsProven(exchange, packet.Method, packet.Data)
            ? default
            : Fault.Of(MqttReasonCode.NotAuthorized, "the server did not prove that it knows the password [MQTT-4.12.1-2]");
    }

    private bool MustProve(long now)
    {
        int interval = _core.Options.ReauthenticateSeconds;
        if (_isBlocked && _exchange is not null)
        {
            // While a queue is blocked, this client reads nothing, so the server's response may have arrived unread.
            _provenAt = now;
        }

        return interval > 0 && now - _provenAt > interval * NanosPerSecond;
    }

    /// <summary>Starts a re-authentication [MQTT-4.12.1-1]. Messages continue to flow meanwhile.</summary>
    private async Task TryProveAsync(long now)
    {
        _provenAt = now;
        try
        {
            if (_core.CreateExchange() is { } exchange)
            {
                byte[] packet = ScramPackets.Write(MqttReasonCode.ReAuthenticate, exchange.First());
                _exchange = exchange;
                await SendAsync(packet).ConfigureAwait(false);
            }
        }
        catch (WireConnectionException failure)
        {
            _core.Events.Report(AdapterEventKind.Degraded, $"The re-authentication with {_core.Broker} failed: {failure.Message}",
                failure);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The read loop fails as well and reports it.
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }
}
