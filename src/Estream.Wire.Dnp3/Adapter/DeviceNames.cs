using System.Buffers.Text;
using System.Text;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>The names of devices and points in UTF-8. Thread-safe; allocates nothing per look-up.</summary>
internal sealed class DeviceNames
{
    /// <summary>The longest name of a point in octets, and of a device and a point with a slash.</summary>
    public const int MaxBytes = 64;

    /// <summary>The longest short name in octets: fctr-65535.</summary>
    public const int MaxShortBytes = 10;

    [ThreadStatic]
    private static byte[]? t_key;

    private readonly byte[][] _devices;
    private readonly Dictionary<(int Device, Dnp3PointKind Kind, ushort Index), NamedPoint> _points = [];

    public DeviceNames(IReadOnlyList<Dnp3DeviceOptions> devices)
    {
        _devices = [.. devices.Select(device => Encoding.UTF8.GetBytes(device.Name))];
        for (int device = 0; device < devices.Count; device++)
        {
            foreach (Dnp3PointOptions point in devices[device].Points)
            {
                _points.Add((device, point.Kind, point.Index), new NamedPoint(point));
            }
        }
    }

    public int Devices => _devices.Length;

    public ReadOnlySpan<byte> Device(int device) => _devices[device];

    /// <summary>The configured point; null if there is none.</summary>
    public NamedPoint? Find(int device, Dnp3PointKind kind, ushort index) => _points.GetValueOrDefault((device, kind, index));

    /// <summary>The key of a point: device, slash, name of the point.</summary>
    /// <param name="device">The index of the device.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="index">The index of the point.</param>
    /// <param name="point">The configured point; null for the short name.</param>
    /// <returns>At most <see cref="MaxBytes"/>; valid until the next call on this thread.</returns>
    public ReadOnlySpan<byte> Key(int device, Dnp3PointKind kind, ushort index, NamedPoint? point)
    {
        byte[] key = t_key ??= new byte[MaxBytes];
        _devices[device].CopyTo(key, 0);
        int length = _devices[device].Length;
        key[length++] = (byte)'/';
        if (point is not null)
        {
            point.Name.CopyTo(key, length);
            return key.AsSpan(0, length + point.Name.Length);
        }

        ReadOnlySpan<byte> prefix = PrefixOf(kind);
        prefix.CopyTo(key.AsSpan(length));
        length += prefix.Length;
        Utf8Formatter.TryFormat(index, key.AsSpan(length), out int digits);
        return key.AsSpan(0, length + digits);
    }

    private static ReadOnlySpan<byte> PrefixOf(Dnp3PointKind kind) => kind switch
    {
        Dnp3PointKind.BinaryInput => "bi-"u8,
        Dnp3PointKind.DoubleBitInput => "dbi-"u8,
        Dnp3PointKind.BinaryOutput => "bo-"u8,
        Dnp3PointKind.Counter => "ctr-"u8,
        Dnp3PointKind.FrozenCounter => "fctr-"u8,
        Dnp3PointKind.AnalogInput => "ai-"u8,
        _ => "ao-"u8,
    };
}

/// <summary>A configured point with its texts in UTF-8.</summary>
internal sealed class NamedPoint(Dnp3PointOptions options)
{
    public Dnp3PointOptions Options => options;

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(options.Name);

    public byte[] Unit { get; } = Encoding.UTF8.GetBytes(options.UnitOfMeasurement ?? "");
}
