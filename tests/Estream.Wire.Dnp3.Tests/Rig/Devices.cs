using Estream.Testing;

namespace Estream.Wire.Dnp3.Tests.Rig;

/// <summary>Outstations and devices for tests.</summary>
internal static class Devices
{
    private static readonly Dnp3PointKind[] s_kinds = Enum.GetValues<Dnp3PointKind>();

    /// <summary>An outstation with two points of each kind.</summary>
    public static Dnp3Outstation Outstation(Func<Dnp3OutstationOptions, Dnp3OutstationOptions>? change = null)
    {
        Dnp3OutstationOptions options = new() { Port = FreePort.Next(), ConfirmTimeoutMs = 30_000 };
        Dnp3Outstation outstation = new(change?.Invoke(options) ?? options);
        foreach (Dnp3PointKind kind in s_kinds)
        {
            outstation.Set(Point(kind, 0, 1));
            outstation.Set(Point(kind, 1, 0));
        }

        return outstation;
    }

    public static Dnp3Measurement Point(Dnp3PointKind kind, ushort index, double value) => new(kind, index, value)
    {
        Flags = Dnp3Measurement.OnlineFlag,
        IsInteger = double.IsInteger(value),
    };

    /// <summary>A device without time-outs that a slow machine could reach.</summary>
    public static Dnp3DeviceOptions Device(Dnp3Outstation outstation) => Device(outstation.Port);

    public static Dnp3DeviceOptions Device(int port) => new()
    {
        Name = "rtu",
        Endpoint = new Dnp3EndpointOptions { Port = port, ConnectTimeoutMs = 60_000 },
        TimeoutMs = 30_000,
        MaxBackoffMs = 50,
        Points =
        [
            new Dnp3PointOptions { Name = "breaker", Kind = Dnp3PointKind.BinaryOutput, Index = 0, IsWritable = true },
            new Dnp3PointOptions { Name = "direct", Kind = Dnp3PointKind.BinaryOutput, Index = 1, IsWritable = true, IsDirect = true },
            new Dnp3PointOptions { Name = "setpoint", Kind = Dnp3PointKind.AnalogOutput, Index = 0, IsWritable = true, Scale = 0.5 },
            new Dnp3PointOptions
            {
                Name = "flow",
                Kind = Dnp3PointKind.AnalogInput,
                Index = 0,
                Scale = 2,
                Offset = 1,
                UnitOfMeasurement = "m",
            },
        ],
    };
}
