using System.Text;

namespace Estream.Wire.Modbus.Polling;

/// <summary>Checks the options of a poller.</summary>
internal static class PollerChecks
{
    private const int MaxDevices = 10_000;
    private const int MaxNameBytes = 64;
    private const int MaxSerialUnit = 247;
    private const int MaxUnitBytes = 16;

    public static void Check(ModbusPollerOptions options)
    {
        Require("Devices", options.Devices.Count is > 0 and <= MaxDevices, $"has no device, or more than {MaxDevices}.");
        Require("Reconnect", options.ReconnectInitial > TimeSpan.Zero && options.ReconnectMax >= options.ReconnectInitial,
            "is not accepted; InitialMs must be at least 1 and MaxMs at least InitialMs.");
        Require("MaxWriteAge", options.MaxWriteAge >= TimeSpan.Zero, "is negative; use zero for no limit.");
        Require("Devices", options.Devices.DistinctBy(device => device.Name).Count() == options.Devices.Count,
            "has two devices of one name. Give each a name of its own.");
        Require("Mappings", options.Mappings.DistinctBy(mapping => mapping.Schema.Name).Count() == options.Mappings.Count,
            "names a schema twice; messages of a schema go to one queue.");
        bool storesEvents = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.Event);
        foreach (ModbusDeviceOptions device in options.Devices)
        {
            CheckDevice(device);
            CheckChanges(device, storesEvents);
        }

        foreach (IGrouping<object, ModbusDeviceOptions> line in options.Devices.GroupBy(device => device.Endpoint.LineKey))
        {
            ModbusDeviceOptions first = line.First();
            ModbusDeviceOptions? other = line.FirstOrDefault(device => !IsSameConnection(first.Endpoint, device.Endpoint));
            Require("Devices", other is null,
                $"has devices '{first.Name}' and '{other?.Name}' of one connection with different settings of it. Give them the same "
                + "settings, except Unit and TimeoutMs.");
        }
    }

    /// <summary>Whether two devices can share a connection. Pins are compared by value.</summary>
    private static bool IsSameConnection(ModbusClientOptions one, ModbusClientOptions other)
    {
        IReadOnlyList<WirePin> none = [];
        // The port and the host are compared as they apply, whether they are set or the default.
        return one with { TimeoutMs = 0, Tls = null, Port = 0, Host = "" } == other with { TimeoutMs = 0, Tls = null, Port = 0, Host = "" }
            && (one.Port, one.Host) == (other.Port, other.Host)
            && (one.Tls is null ? null : one.Tls with { Pins = none }) == (other.Tls is null ? null : other.Tls with { Pins = none })
            && (one.Tls?.Pins ?? none).SequenceEqual(other.Tls?.Pins ?? none);
    }

    private static void CheckDevice(ModbusDeviceOptions device)
    {
        string key = "Devices";
        RequireName(key, device.Name, "device");
        Require(key, device.Endpoint.Serial is null || device.Unit is > 0 and <= MaxSerialUnit,
            $"has device '{device.Name}' with Unit {device.Unit} on a serial line; write 1 to {MaxSerialUnit}. Unit 0 is for broadcasts, "
            + "which no device answers.");
        Require(key, device.Points.DistinctBy(point => point.Name).Count() == device.Points.Count,
            $"has two points of one name in device '{device.Name}'.");
        foreach (ModbusPointOptions point in device.Points)
        {
            string who = $"has point '{point.Name}' of device '{device.Name}'";
            RequireName(key, point.Name, "point");
            Require(key, point.Address + point.Length <= ModbusLimits.TableSize, $"{who}, which goes past the last address, 65535.");
            Require(key, point.Length <= device.MaxRegisters, $"{who}, which is longer than MaxRegisters.");
            Require(key, !point.Table.IsBits() || point.Type is PointType.Bit or PointType.U16,
                $"{who}, which is in a table of bits and needs Type bit.");
            Require(key, !point.IsWritable || point.Table.IsWritable(), $"{who}, which is Writable in a table that can only be read.");
            Require(key, point.Scale != 0 && double.IsFinite(point.Scale) && double.IsFinite(point.Offset),
                $"{who}, whose Scale is 0 or not a number.");
            Require(key, Encoding.UTF8.GetByteCount(point.UnitOfMeasurement ?? "") <= MaxUnitBytes,
                $"{who}, whose UnitOfMeasurement is longer than {MaxUnitBytes} bytes.");
        }

        foreach (ModbusReadOptions read in device.Reads)
        {
            Require(key, read.Count > 0 && read.Address + read.Count <= ModbusLimits.TableSize && read.EveryMs > 0,
                $"has a read of device '{device.Name}' that is empty or goes past the last address, 65535.");
        }
    }

    private static void CheckChanges(ModbusDeviceOptions device, bool storesEvents)
    {
        foreach (ModbusPointOptions point in device.Points.Where(point => point.ReportsChanges))
        {
            string who = $"has point '{point.Name}' of device '{device.Name}' with ReportChanges";
            Require("Devices", point.EveryMs > 0, $"{who} and EveryMs 0, so the point is not read. Set EveryMs.");
            Require("Devices", storesEvents, $"{who}, but no mapping stores the changes. Add a mapping of {ModbusSchemas.Event}.");
        }
    }

    private static void RequireName(string key, string name, string what) =>
        Require(
            key,
            name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes
                && !name.Any(c => c is '/' or '+' or '#' || char.IsControl(c)),
            $"has a {what} named '{name}'; write 1 to {MaxNameBytes} bytes without / + # and control characters.");

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
        }
    }
}
