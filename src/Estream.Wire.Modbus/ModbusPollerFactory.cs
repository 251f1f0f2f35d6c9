using Estream.Esf;
using Estream.Wire.Modbus.Polling;
using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>Creates pollers from settings, for adapters of type modbus-client.</summary>
public sealed class ModbusPollerFactory : WireAdapterFactory<ModbusPollerOptions>, IFieldAdapterFactory
{
    /// <summary>The type of the adapters in a configuration.</summary>
    public const string Type = "modbus-client";

    internal static AdapterDescriptor PollerDescriptor { get; } = new(
        Type,
        "Modbus",
        ProtocolFamily.Industrial,
        ["TCP", "TLS", "Serial"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Polls devices over TCP, TLS and serial lines, and writes their points.");

    /// <inheritdoc/>
    public override AdapterDescriptor Descriptor => PollerDescriptor;

    /// <inheritdoc/>
    /// <remarks>False: the next poll reads the device again.</remarks>
    public override bool NeedsDurableQueues => false;

    /// <inheritdoc/>
    protected override EsfSchemaSet OwnSchemas => ModbusSchemas.Own;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> CountUse(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ModbusDeviceOptions[] devices = [.. settings.List("Devices").Select(SettingGroup.Read<ModbusDeviceOptions>)];
        return new Dictionary<string, long>
        {
            [FieldLimits.Devices] = devices.Length,
            [FieldLimits.Registers] = devices.Sum(CountAddresses),
            [FieldLimits.SerialLines] = devices.Select(device => device.Endpoint.Serial?.Port).OfType<string>().Distinct().Count(),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Certificates are read, and serial ports are opened, at each connection, so a missing one is not an error here.</remarks>
    protected override void CheckOptions(ModbusPollerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach ((int index, ModbusDeviceOptions device) in options.Devices.Index())
        {
            if (device.Endpoint.HasHost == device.Endpoint.Serial is not null)
            {
                throw new WireConfigurationException($"Devices:{index}:Host",
                    "is required for TCP, and not accepted with Serial. Set exactly one of Host and Serial.");
            }
        }

        PollerChecks.Check(options);
    }

    /// <inheritdoc/>
    protected override IWireAdapter Create(AdapterContext context, ModbusPollerOptions options) => new ModbusPoller(options, context);

    private static long CountAddresses(ModbusDeviceOptions device) => device.Points
        .Select(point => (point.Table, First: (int)point.Address, Count: point.Length))
        .Concat(device.Reads.Select(read => (read.Table, First: (int)read.Address, read.Count)))
        .SelectMany(block => Enumerable.Range(block.First, block.Count).Select(address => (block.Table, address)))
        .Distinct().Count();
}
