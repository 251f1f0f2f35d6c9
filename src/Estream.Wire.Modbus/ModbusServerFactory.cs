using Estream.Esf;
using Estream.Wire.Modbus.Server;
using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>Creates servers from settings, for adapters of type modbus-server.</summary>
public sealed class ModbusServerFactory : WireAdapterFactory<ModbusServerOptions>
{
    /// <summary>The type of the adapters in a configuration.</summary>
    public const string Type = "modbus-server";

    internal static AdapterDescriptor ServerDescriptor { get; } = new(
        Type,
        "Modbus",
        ProtocolFamily.Industrial,
        ["TCP", "TLS"],
        IsBidirectional: false,
        IsRequestResponse: true,
        "Masters read the values of a map as registers, and write to a queue.");

    /// <inheritdoc/>
    public override AdapterDescriptor Descriptor => ServerDescriptor;

    /// <inheritdoc/>
    protected override EsfSchemaSet OwnSchemas => ModbusSchemas.Own;

    /// <inheritdoc/>
    /// <remarks>The map is looked up at the start.</remarks>
    protected override void CheckOptions(ModbusServerOptions options) => ServerChecks.Check(options);

    /// <inheritdoc/>
    protected override IWireAdapter Create(AdapterContext context, ModbusServerOptions options) => new ModbusServer(options, context);
}
