using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Harness;

/// <summary>The roles this program takes when it has started itself; they are not for users.</summary>
internal static class ChildRoles
{
    /// <summary>Runs the child role that the arguments name; returns null if the arguments are those of a user.</summary>
    public static int? TryRun(string[] arguments)
    {
        return arguments.FirstOrDefault() switch
        {
            ContenderHost.Role => ContenderHost.Run(arguments.AsSpan(1)),
            Holder.Role => Holder.Run(arguments.AsSpan(1)),
            DoomedWriter.Role => DoomedWriter.Run(arguments.AsSpan(1)),
            FirstSigner.Role => FirstSigner.Run(arguments.AsSpan(1)),
            FixVenue.Role => FixVenue.Run(arguments.AsSpan(1)),
            ModbusAnswerer.Role => ModbusAnswerer.Run(arguments.AsSpan(1)),
            EstreamModbusServer.Role => EstreamModbusServer.Run(arguments.AsSpan(1)),
            PaymentAnswerer.Role => PaymentAnswerer.Run(arguments.AsSpan(1)),
            OpcUaAnswerer.Role => OpcUaAnswerer.Run(arguments.AsSpan(1)),
            MqttSender.Role => MqttSender.Run(arguments.AsSpan(1)),
            MqttAnswerer.Role => MqttAnswerer.Run(arguments.AsSpan(1)),
            EstreamMqttServer.Role => EstreamMqttServer.Run(arguments.AsSpan(1)),
            MqttNetServer.Role => MqttNetServer.Run(arguments.AsSpan(1)),
            GarnetPeer.Role => GarnetPeer.Run(arguments.AsSpan(1)),
            _ => null,
        };
    }
}
