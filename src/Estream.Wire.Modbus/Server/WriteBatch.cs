using System.Buffers;
using System.Buffers.Binary;

namespace Estream.Wire.Modbus.Server;

/// <summary>The messages of one write request, as payloads for <see cref="MasterWriteTranslator"/>. Reuses its memory. Not
/// thread-safe.</summary>
internal sealed class WriteBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];

    public int Count => _ends.Count;

    public ReadOnlySpan<byte> this[int index] => _bytes.WrittenSpan[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _ends.Clear();
    }

    /// <summary>Adds the write of a number.</summary>
    public void Add(int point, long requestedAt, PointValue value)
    {
        Span<byte> bits = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(
            bits, value.Kind == PointValueKind.Real ? BitConverter.DoubleToInt64Bits(value.Number) : value.AsSigned);
        Add(point, requestedAt, (byte)value.Kind, bits);
    }

    /// <summary>Adds the write of a text.</summary>
    public void Add(int point, long requestedAt, ReadOnlySpan<byte> text) =>
        Add(point, requestedAt, MasterWriteTranslator.Text, text);

    private void Add(int point, long requestedAt, byte kind, ReadOnlySpan<byte> value)
    {
        Span<byte> payload = _bytes.GetSpan(MasterWriteTranslator.HeaderBytes + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(payload, point);
        BinaryPrimitives.WriteInt64LittleEndian(payload[4..], requestedAt);
        payload[12] = kind;
        value.CopyTo(payload[MasterWriteTranslator.HeaderBytes..]);
        _bytes.Advance(MasterWriteTranslator.HeaderBytes + value.Length);
        _ends.Add(_bytes.WrittenCount);
    }
}
