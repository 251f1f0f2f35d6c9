using System.Net;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Checks the options of an endpoint.</summary>
internal static class EndpointChecks
{
    public static void Check(MqttEndpointOptions options)
    {
        Range("Port", options.Port, 0, ushort.MaxValue);
        Range("MaxConnections", options.MaxConnections, 1, 1_000_000);
        Range("MaxConnectionsPerAddress", options.MaxConnectionsPerAddress, 0, 1_000_000);
        Range("MaxFailedLoginsPerMinute", options.MaxFailedLoginsPerMinute, 1, 1_000_000);
        Range("MaxUnfinishedBytesPerUser", options.MaxUnfinishedBytesPerUser, 1, 1 << 30);
        Range("MaxSessionsPerUser", options.MaxSessionsPerUser, 0, 10_000_000);
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
        CheckServing(options);
        if (!IPAddress.IsLoopback(options.Address) && options.PasswordFile is null && options.ScramFile is null
            && !options.UnsafeAllowAnonymous)
        {
            throw new WireConfigurationException(
                "Address",
                $"{options.Address} is reachable from other machines, so a PasswordFile is required. Set one (mosquitto_passwd creates "
                + "them), "
                + "use 127.0.0.1, or set UnsafeAllowAnonymous to true to let anyone publish.");
        }
    }

    private static void CheckServing(MqttEndpointOptions options)
    {
        Require(
            "Tls",
            IPAddress.IsLoopback(options.Address) || options.PasswordFile is null || options.Tls is not null || options.AllowPlaintext,
            $"is not set, and passwords would cross the network to {options.Address} in plain text. Set Tls, use a ScramFile instead of "
            + "the PasswordFile, or set AllowPlaintext to true.");
        Range("RelayBytes", options.RelayBytes, 1 << 20, int.MaxValue);
        Range("MaxBehindBytes", options.MaxBehindBytes, 1 << 16, int.MaxValue);
        Range("MaxInflight", options.MaxInflight, 1, ushort.MaxValue);
        Range("MaxSubscriptionsPerSession", options.MaxSubscriptionsPerSession, 1, 100_000);
        Range("MaxSubscriptionsPerUser", options.MaxSubscriptionsPerUser, 0, 100_000_000);
        Range("MaxRetainedPerUser", options.MaxRetainedPerUser, 0, 10_000_000);
        Range("MaxSubscriptions", options.MaxSubscriptions, 1, 100_000_000);
        Range("MaxFilterLevels", options.MaxFilterLevels, 1, 1_024);
        Range("MaxGroups", options.MaxGroups, 1, 1_000_000);
        Range("MaxGroupMembers", options.MaxGroupMembers, 1, 100_000);
        Range("MaxRetained", options.MaxRetained, 1, 10_000_000);
        Range("MaxRetainedBytes", options.MaxRetainedBytes, 1 << 16, int.MaxValue);
        Require(
            "RelayBytes",
            options.AclFile is null || options.RelayBytes >= RelaySize.Least(options),
            $"{options.RelayBytes} is not accepted; with this MaxPacketBytes write a whole number from {RelaySize.Least(options)} to "
            + $"{int.MaxValue}.");
        Require("Egress", options.Egress.Count == 0 || options.AclFile is not null,
            "has no effect: without an AclFile no client may subscribe. Set AclFile, or remove Egress.");
        Require("Egress", !options.Egress.Any(egress => egress.Retain),
            "has Retain, which an endpoint does not support. Remove Retain, or publish through an mqtt-client.");
        Require(
            "Egress",
            options.Egress.DistinctBy(egress => egress.Topic.Schema.Id).Count() == options.Egress.Count,
            "names a schema twice; messages of a schema go to one topic.");
    }

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
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
