using Estream.Wire.Modbus;

namespace Estream.Host;

/// <summary>Adds Modbus to a host.</summary>
public static class EstreamBuilderModbus
{
    /// <summary>Adds the adapter type <c>modbus-client</c>, which polls devices and writes their points. The schemas of its messages are
    /// <see cref="ModbusSchemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddModbus(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new ModbusPollerFactory());
    }
}
