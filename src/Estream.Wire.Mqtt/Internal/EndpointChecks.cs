using System.Net;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What an endpoint's options must be.</summary>
internal static class EndpointChecks
{
    public static void Check(MqttEndpointOptions options)
    {
        Range("Port", options.Port, 0, ushort.MaxValue);
        Range("MaxConnections", options.MaxConnections, 1, 1_000_000);
        Range("MaxSessions", options.MaxSessions, 1, 10_000_000);
        Range("MaxClientIdBytes", options.MaxClientIdBytes, 23, ushort.MaxValue);
        Range("MaxPacketBytes", options.MaxPacketBytes, 1_024, 256 * 1024 * 1024);
        Range("MaxTopicBytes", options.MaxTopicBytes, 1, ushort.MaxValue);
        Range("ReceiveMaximum", options.ReceiveMaximum, 1, ushort.MaxValue);
        Range("TopicAliasMaximum", options.TopicAliasMaximum, 0, ushort.MaxValue);
        Range("MaxKeepAliveSeconds", options.MaxKeepAliveSeconds, 1, ushort.MaxValue);
        Range("MaxSessionExpirySeconds", options.MaxSessionExpirySeconds, 0, int.MaxValue);
        Range("ConnectTimeoutSeconds", options.ConnectTimeoutSeconds, 1, 3_600);
        Range("WriteTimeoutSeconds", options.WriteTimeoutSeconds, 1, 3_600);
        if (!IPAddress.IsLoopback(options.Address) && options.PasswordFile is null && !options.UnsafeAllowAnonymous)
        {
            throw new WireConfigurationException(
                "Address",
                $"{options.Address} can be reached from other machines, so a PasswordFile is required. Set one (mosquitto_passwd writes them), "
                + "use 127.0.0.1, or set UnsafeAllowAnonymous to true to let anybody publish.");
        }
    }

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }
}
