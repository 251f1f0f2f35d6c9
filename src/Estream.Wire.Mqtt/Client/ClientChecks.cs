using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Checks the options of a client.</summary>
internal static class ClientChecks
{
    public static void Check(MqttClientOptions options)
    {
        Require("Broker:Host", options.Host.Length > 0, "is required and not set.");
        Require("Broker:Port", options.Port is > 0 and <= ushort.MaxValue,
            $"{options.Port} is not accepted; write a whole number from 1 to 65535.");
        Require("ClientId", options.ClientId.Length is > 0 and <= 256, "is not accepted; write 1 to 256 characters.");
        Require("KeepAliveSeconds", options.KeepAliveSeconds is > 0 and <= ushort.MaxValue,
            "is not accepted; write a whole number from 1 to 65535.");
        Require("ReceiveMaximum", options.ReceiveMaximum is > 0 and <= ushort.MaxValue,
            "is not accepted; write a whole number from 1 to 65535.");
        Require("MaxPacketBytes", options.MaxPacketBytes >= 1_024, "is not accepted; write a whole number from 1024 up.");
        Require("MaxTopicBytes", options.MaxTopicBytes is > 0 and <= ushort.MaxValue,
            "is not accepted; write a whole number from 1 to 65535.");
        Require("TopicAliasMaximum", options.TopicAliasMaximum is >= 0 and <= ushort.MaxValue,
            "is not accepted; write a whole number from 0 to 65535.");
        Require("ConnectTimeoutSeconds", options.ConnectTimeoutSeconds > 0, "is not accepted; write a whole number from 1 up.");
        Require("Reconnect", options.ReconnectInitial > TimeSpan.Zero && options.ReconnectMax >= options.ReconnectInitial,
            "is not accepted; InitialMs must be at least 1 and MaxMs at least InitialMs.");
        Require("Broker", options.PasswordFile is null || options.PasswordEnv is null,
            "has both PasswordFile and PasswordEnv. Remove one of them.");
        Require(
            "Broker:Authentication",
            options.Authentication == MqttAuthentication.Password
                || (options.UserName is not null && (options.PasswordFile ?? options.PasswordEnv) is not null),
            "requires a UserName, and a PasswordFile or a PasswordEnv.");
        Require(
            "Broker:ReauthenticateSeconds",
            options.ReauthenticateSeconds == 0
                || (options.ReauthenticateSeconds > 0 && options.Authentication == MqttAuthentication.ScramSha256),
            "is not accepted; write a whole number from 1 up, with Authentication scram-sha-256.");
        Require("Egress", options.Egress.All(egress => egress.Qos <= MqttQos.ExactlyOnce), "has a Qos that is not 0, 1 or 2.");
        if (options.Will is { } will)
        {
            CheckWill(will);
        }

        foreach (MqttSubscription subscription in options.Subscriptions)
        {
            Require(
                "Subscriptions",
                TopicRules.IsValidFilter(Encoding.UTF8.GetBytes(subscription.Filter)),
                $"'{subscription.Filter}' is not a valid topic filter; + and # must occupy a whole level, and # the last one.");
            Require(
                "Subscriptions",
                !subscription.NoLocal || !TopicRules.IsShared(Encoding.UTF8.GetBytes(subscription.Filter)),
                $"'{subscription.Filter}' is a shared subscription, which does not allow NoLocal.");
        }

        Require(
            "Egress",
            options.Egress.DistinctBy(egress => egress.Topic.Schema.Id).Count() == options.Egress.Count,
            "names a schema twice; messages of a schema go to one topic.");
    }

    private static void CheckWill(MqttWill will)
    {
        Require("Will:Topic", TopicRules.IsValidName(Encoding.UTF8.GetBytes(will.Topic)),
            $"'{will.Topic}' is not a valid topic; write 1 to 65,535 bytes without + and #.");
        Require("Will:Payload", Encoding.UTF8.GetByteCount(will.Payload) <= ushort.MaxValue, "is longer than 65,535 bytes.");
        Require("Will:Qos", will.Qos <= MqttQos.ExactlyOnce, "is not accepted; write 0, 1 or 2.");
    }

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
        }
    }
}
