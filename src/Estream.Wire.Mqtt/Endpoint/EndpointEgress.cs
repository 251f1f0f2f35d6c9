using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Publishes the host's messages to the subscribers of an endpoint. A message is accepted once it is in the relay; each subscriber
/// then gets it with the guarantees of its subscription. Thread-safe.</summary>
internal sealed class EndpointEgress(EndpointCore core) : IDisposable
{
    private readonly Lock _lock = new();
    private Publishing? _publishing;

    public EmitStatus Emit(EgressMessage message)
    {
        ReadOnlySpan<byte> topic = message.Topic.WrittenSpan;
        if (core.Options.AclFile is null)
        {
            return new EmitStatus(EmitCode.Unsupported, "no client may subscribe to this endpoint: set AclFile");
        }

        if (message.Quality is not (0 or 1 or 2))
        {
            return new EmitStatus(EmitCode.Refused, $"QoS {message.Quality} does not exist; set Quality to 0, 1 or 2");
        }

        if (!TopicRules.IsValidName(topic) || topic.Length > core.Options.MaxTopicBytes)
        {
            return new EmitStatus(
                EmitCode.Refused,
                $"a message cannot be published to this topic of {topic.Length} bytes; a topic must have 1 to "
                + $"{core.Options.MaxTopicBytes} bytes of UTF-8 without +, # and U+0000");
        }

        return core.Serving is { } serving
            ? Pass(serving, topic, message)
            : new EmitStatus(EmitCode.NotConnected, "the endpoint was not started");
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _publishing?.Dispose();
        }
    }

    private EmitStatus Pass(EndpointServing serving, ReadOnlySpan<byte> topic, EgressMessage message)
    {
        lock (_lock)
        {
            _publishing ??= new Publishing(serving, [], null, core.Clock);
            return _publishing.Relay(topic, message.Payload.WrittenSpan, (MqttQos)message.Quality) switch
            {
                RelayStatus.Blocked => new EmitStatus(EmitCode.Deferred, $"the relay cannot be written: {serving.Relay.Failure?.Message}"),
                RelayStatus.TooLong =>
                    new EmitStatus(EmitCode.Refused, $"a payload of {message.Payload.WrittenCount} bytes is too large for the relay"),

                // Messages without a matching subscription count as emitted, too.
                _ => EmitStatus.Ok,
            };
        }
    }
}
