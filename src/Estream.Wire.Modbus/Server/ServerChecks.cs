using System.Net;
using System.Text;

namespace Estream.Wire.Modbus.Server;

/// <summary>Checks the options of a server.</summary>
internal static class ServerChecks
{
    private const int MaxPoints = 65_536;
    private const int MaxNameBytes = 64;

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    public static void Check(ModbusServerOptions options)
    {
        bool asks = options.Tls is { ClientCaFile: not null } or { ClientPins.Count: > 0 };
        Require("Address", IPAddress.IsLoopback(options.Address) || asks || options.UnsafeAllowAnyPeer,
            $"{options.Address} can be reached from other machines, and Modbus has no login. Set Tls:ClientCaFile or Tls:ClientPins, use "
            + "127.0.0.1, or set UnsafeAllowAnyPeer to true if the network admits trusted masters only.");
        Require("Mappings", options.Mappings.Count <= 1, "has two entries; all writes go to one queue.");
        Require("Map", options.Map is not null || options.Mappings.Count > 0,
            "is required if there are no Mappings: masters could neither read nor write.");
        Require("Units", options.Units.Count > 0, "has no unit.");
        Require("Units", options.Units.DistinctBy(unit => unit.Unit).Count() == options.Units.Count,
            "has two units with the same Unit. Give each a different number.");
        Require("Units", options.Units.DistinctBy(unit => unit.Name).Count() == options.Units.Count,
            "has two units with the same Name. Give each a different name.");
        Require("Units", options.Units.Sum(unit => unit.Points.Count) <= MaxPoints, $"has more than {MaxPoints} points.");
        WirePeer.Check(options.Peers, options.Tls, name => options.Units.Any(unit => unit.Name == name));
        foreach (ModbusUnitOptions unit in options.Units)
        {
            RequireName(unit.Name, "unit");
            CheckPoints(unit, options.Mappings.Count > 0);
        }
    }

    private static void CheckPoints(ModbusUnitOptions unit, bool takesWrites)
    {
        Require("Units", unit.Points.Count > 0, $"has unit '{unit.Name}' without points.");
        Require("Units", unit.Points.DistinctBy(point => point.Point.Name).Count() == unit.Points.Count,
            $"has two points with the same name in unit '{unit.Name}'.");
        foreach (ModbusPointOptions point in unit.Points.Select(served => served.Point))
        {
            string who = $"has point '{point.Name}' of unit '{unit.Name}'";
            RequireName(point.Name, "point");
            Require("Units", point.Address + point.Length <= ModbusLimits.TableSize, $"{who}, which goes past the last address, 65535.");
            Require("Units", !point.Table.IsBits() || point.Type == PointType.Bit,
                $"{who}, which is in a table of bits and needs Type bit.");
            Require("Units", !point.IsWritable || point.Table.IsWritable(), $"{who}, which is Writable in a table that can only be read.");
            Require("Units", !point.IsWritable || takesWrites, $"{who}, which is Writable, but no mapping stores ModbusWrite.");
            Require("Units", point.Scale != 0 && double.IsFinite(point.Scale) && double.IsFinite(point.Offset),
                $"{who}, whose Scale is 0 or not a number.");
        }

        foreach (IGrouping<ModbusTable, ModbusPointOptions> table in unit.Points.Select(served => served.Point)
            .GroupBy(point => point.Table))
        {
            CheckOverlaps(unit.Name, [.. table.OrderBy(point => point.Address).ThenBy(point => point.Bit)]);
        }
    }

    private static void CheckOverlaps(string unit, ModbusPointOptions[] points)
    {
        for (int i = 1; i < points.Length; i++)
        {
            (ModbusPointOptions one, ModbusPointOptions other) = (points[i - 1], points[i]);
            bool areBits = !one.Table.IsBits() && one.Type == PointType.Bit && other.Type == PointType.Bit
                && one.Address == other.Address && one.Bit != other.Bit;
            Require("Units", areBits || one.Address + one.Length <= other.Address,
                $"has points '{one.Name}' and '{other.Name}' of unit '{unit}' at the same address.");
        }
    }

    private static void RequireName(string name, string what) => Require(
        "Units", name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes && !name.Any(char.IsControl),
        $"has a {what} named '{name}'; write 1 to {MaxNameBytes} bytes without control characters.");

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
        }
    }
}
