using System.Text;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Wire.Modbus.Server;

/// <summary>A point of a server with its key and field in the map. Immutable and thread-safe.</summary>
/// <param name="index">The index among all points of the server.</param>
/// <param name="unit">The name of the unit.</param>
/// <param name="served">The options.</param>
/// <param name="field">The field with the value; null if masters can only write.</param>
internal sealed class ServedPoint(int index, string unit, ModbusServedPoint served, EsfField? field)
{
    private const long NanosPerMs = 1_000_000;

    private readonly long _maxAgeNanos = served.MaxAgeMs > 0 ? served.MaxAgeMs.Value * NanosPerMs : long.MaxValue;
    private readonly byte[] _key = Encoding.UTF8.GetBytes(served.Key);

    public int Index => index;

    public byte[] Unit { get; } = Encoding.UTF8.GetBytes(unit);

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(served.Point.Name);

    public ModbusPointOptions Options => served.Point;

    /// <summary>The address after the last.</summary>
    public int End => Options.Address + Options.Length;

    /// <summary>Whether the value is the number in the registers.</summary>
    public bool IsUnscaled => Options.Scale == 1 && Options.Offset == 0;

    /// <summary>Reads the value from the map and writes it as registers; a coil or input as one byte, 0 or 1.</summary>
    /// <param name="map">The map.</param>
    /// <param name="message">Scratch space for a message.</param>
    /// <param name="now">The time in nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="words">Receives the registers; of a bit in a register only that bit.</param>
    /// <returns><see cref="ModbusExceptionCode.GatewayTargetFailedToRespond"/> if the map has no value or only one that is too old;
    /// <see cref="ModbusExceptionCode.ServerDeviceFailure"/> if the value does not fit the point.</returns>
    public ModbusExceptionCode Read(ILatestMessages map, Span<byte> message, long now, Span<byte> words)
    {
        int length = map.Read(_key, message, out long storedAt);
        if (length > message.Length)
        {
            return ModbusExceptionCode.ServerDeviceFailure;
        }

        ReadOnlySpan<byte> latest = message[..length];
        if (field is null || length == 0 || now - storedAt > _maxAgeNanos || !field.IsPresent(latest))
        {
            return ModbusExceptionCode.GatewayTargetFailedToRespond;
        }

        if (Options.Type == PointType.Text)
        {
            words.Clear();
            return field.TryGetBytes(latest, out ReadOnlySpan<byte> text) && text.TryCopyTo(words)
                ? ModbusExceptionCode.None
                : ModbusExceptionCode.ServerDeviceFailure;
        }

        if (!TryGet(latest, out PointValue value))
        {
            return ModbusExceptionCode.ServerDeviceFailure;
        }

        if (Options.Type != PointType.Bit)
        {
            return RegisterCodec.TryWrite(Options.Type, Options.Order, value, words)
                ? ModbusExceptionCode.None
                : ModbusExceptionCode.ServerDeviceFailure;
        }

        bool isOn = value.Number != 0;
        words.Clear();
        if (Options.Table.IsBits())
        {
            words[0] = isOn ? (byte)1 : (byte)0;
        }
        else if (isOn)
        {
            words[Options.Bit < 8 ? 1 : 0] = (byte)(1 << (Options.Bit % 8));
        }

        return ModbusExceptionCode.None;
    }

    /// <summary>Returns why a message of a schema can not have the value of the point; null if it can.</summary>
    public static string? WhyNot(ModbusServedPoint point, EsfSchema schema) =>
        !schema.TryGetField(point.Field, out EsfField? field) ? $"{schema.Name} has no field '{point.Field}'"
        : field.IsProtected ? $"field '{point.Field}' of {schema.Name} is private"
        : field.Kind == EsfTypeKind.String != (point.Point.Type == PointType.Text)
            ? $"field '{point.Field}' of {schema.Name} is a {field.TypeName}, which does not fit the type of the point"
        : null;

    /// <summary>The value as it is in the registers.</summary>
    private bool TryGet(ReadOnlySpan<byte> latest, out PointValue value)
    {
        value = default;
        if (IsUnscaled && field!.TryGetInt64(latest, out long signed))
        {
            value = PointValue.Of(signed);
            return true;
        }

        if (IsUnscaled && field!.TryGetUInt64(latest, out ulong unsigned))
        {
            value = PointValue.Of(unsigned);
            return true;
        }

        bool isNumber = field!.TryGetDouble(latest, out double number) && double.IsFinite(number);
        value = PointValue.Of((number - Options.Offset) / Options.Scale);
        return isNumber;
    }
}
