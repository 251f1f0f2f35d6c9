using Estream.Wire.Modbus;

namespace Estream.Host;

/// <summary>Adds Modbus to a host.</summary>
public static class EstreamBuilderModbus
{
    /// <summary>Adds the adapter types <c>modbus-client</c>, which polls devices and writes their points, and <c>modbus-server</c>, which
    /// serves a map to masters. The schemas of their messages are <see cref="ModbusSchemas.Own"/>.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddModbus(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new ModbusPollerFactory()).AddAdapterType(new ModbusServerFactory());
    }
}
