using System.Text;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Checks the options of a master.</summary>
internal static class MasterChecks
{
    private const int MaxDevices = 10_000;
    private const int MaxUnitBytes = 16;
    private const ushort MaxAddress = 0xFFEF;

    public static void Check(Dnp3MasterOptions options)
    {
        const string Devices = "Devices";
        Require(Devices, options.Devices.Count is > 0 and <= MaxDevices, $"has no device, or more than {MaxDevices}.");
        Require("Reconnect", options.ReconnectInitial > TimeSpan.Zero && options.ReconnectMax >= options.ReconnectInitial,
            "is not accepted; InitialMs must be at least 1 and MaxMs at least InitialMs.");
        Require("MaxCommandAge", options.MaxCommandAge >= TimeSpan.Zero, "is negative; use zero for no limit.");
        Require("Mappings", options.Mappings.DistinctBy(mapping => mapping.Schema.Name).Count() == options.Mappings.Count,
            "names a schema twice; messages of a schema go to one queue.");
        Require("Mappings", options.Mappings.Any(mapping => mapping.Schema.Name == Dnp3Schemas.Value),
            $"has no queue for {Dnp3Schemas.Value}. Outstations delete events that the adapter confirms, so name a queue for them.");
        Require(Devices, options.Devices.DistinctBy(device => device.Name).Count() == options.Devices.Count,
            "has two devices of one name. Give each a name of its own.");
        foreach (Dnp3DeviceOptions device in options.Devices)
        {
            CheckDevice(device);
        }

        Dnp3DeviceOptions? exposed = options.Egress.Count == 0 || options.UnsafeAllowPlaintextCommands
            ? null
            : options.Devices.FirstOrDefault(device => device.Endpoint.IsExposed && device.Points.Any(point => point.IsWritable));
        Require(Devices, exposed is null,
            $"has device '{exposed?.Name}' with Writable points and without Tls, so anyone in the network between can forge commands. Set "
            + "Tls of the device, or set UnsafeAllowPlaintextCommands to true if the network is protected otherwise.");
        foreach (IGrouping<object, Dnp3DeviceOptions> line in options.Devices.GroupBy(device => device.Endpoint.LineKey))
        {
            CheckLine(line);
        }
    }

    private static void CheckLine(IGrouping<object, Dnp3DeviceOptions> line)
    {
        Dnp3DeviceOptions first = line.First();
        Dnp3DeviceOptions? other = line.FirstOrDefault(device => !IsSameConnection(first.Endpoint, device.Endpoint));
        Require("Devices", other is null,
            $"has devices '{first.Name}' and '{other?.Name}' of one connection with different settings of it. Give them the same settings "
            + "of the connection.");
        other = line.GroupBy(device => device.OutstationAddress).FirstOrDefault(group => group.Count() > 1)?.Last();
        Require("Devices", other is null,
            $"has two devices of one connection with Address {other?.OutstationAddress}. Give each outstation a link address of its own.");
    }

    /// <summary>Whether two devices can share a connection. Pins are compared by value.</summary>
    private static bool IsSameConnection(Dnp3EndpointOptions one, Dnp3EndpointOptions other)
    {
        IReadOnlyList<WirePin> none = [];
        return one with { Tls = null } == other with { Tls = null }
            && (one.Tls is null ? null : one.Tls with { Pins = none }) == (other.Tls is null ? null : other.Tls with { Pins = none })
            && (one.Tls?.Pins ?? none).SequenceEqual(other.Tls?.Pins ?? none);
    }

    private static void CheckDevice(Dnp3DeviceOptions device)
    {
        const string Devices = "Devices";
        RequireName(device.Name, "device", DeviceNames.MaxBytes - 1 - DeviceNames.MaxShortBytes);
        Require(Devices, device.MasterAddress <= MaxAddress && device.OutstationAddress <= MaxAddress,
            $"has device '{device.Name}' with a link address above {MaxAddress}, which is reserved.");
        Require(Devices, device.MasterAddress != device.OutstationAddress,
            $"has device '{device.Name}' with the same link address for master and outstation.");
        Require(Devices, device.TimeoutMs > 0 && device.MaxBackoffMs > 0 && device.IntegrityEveryMs >= 0 && device.Class1EveryMs >= 0
            && device.Class2EveryMs >= 0 && device.Class3EveryMs >= 0 && (device.Unsolicited & ~Dnp3Classes.Events) == 0,
            $"has device '{device.Name}' with a time or a class that is out of range.");
        Require(Devices, device.Points.DistinctBy(point => point.Name).Count() == device.Points.Count
            && device.Points.DistinctBy(point => (point.Kind, point.Index)).Count() == device.Points.Count,
            $"has two points of one name, or of one kind and index, in device '{device.Name}'.");
        foreach (Dnp3PointOptions point in device.Points)
        {
            string who = $"has point '{point.Name}' of device '{device.Name}'";
            RequireName(point.Name, "point", DeviceNames.MaxBytes - 1 - Encoding.UTF8.GetByteCount(device.Name));
            Require(Devices, !point.IsWritable || point.Kind is Dnp3PointKind.BinaryOutput or Dnp3PointKind.AnalogOutput,
                $"{who}, which is Writable and not an output.");
            Require(Devices, point.Scale != 0 && double.IsFinite(point.Scale) && double.IsFinite(point.Offset),
                $"{who}, whose Scale is 0 or not a number.");
            Require(Devices, Encoding.UTF8.GetByteCount(point.UnitOfMeasurement ?? "") <= MaxUnitBytes,
                $"{who}, whose UnitOfMeasurement is longer than {MaxUnitBytes} bytes.");
        }
    }

    private static void RequireName(string name, string what, int maxBytes) =>
        Require(
            "Devices",
            name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= maxBytes
                && !name.Any(c => c is '/' or '+' or '#' || char.IsControl(c)),
            $"has a {what} named '{name}'; write 1 to {maxBytes} bytes without / + # and control characters.");

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
        }
    }
}
