using Estream.Wire.OpcUa;

namespace Estream.Host;

/// <summary>Adds OPC UA to a host.</summary>
public static class EstreamBuilderOpcUa
{
    /// <summary>Adds the adapter type <c>opcua-client</c>, which subscribes to variables of servers and writes them. The schemas of its
    /// messages are <see cref="OpcUaSchemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddOpcUa(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new OpcUaAdapterFactory());
    }
}
