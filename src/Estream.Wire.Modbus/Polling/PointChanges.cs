using System.Buffers.Binary;

namespace Estream.Wire.Modbus.Polling;

/// <summary>The registers of a point, or its bit, as the last poll read them. Finds what differs in the next poll. Used under the lock of
/// the line; allocates nothing.</summary>
internal sealed class PointChanges(ModbusPointOptions point)
{
    private readonly ushort[] _values = new ushort[point.Length];
    private bool _isKnown;

    // A point that is one bit of a register reports changes of this bit only.
    private readonly ushort _mask = point.Type == PointType.Bit && !point.Table.IsBits() ? (ushort)(1 << point.Bit) : ushort.MaxValue;

    /// <summary>Finds the first register or bit that differs from the last poll. The first poll has no changes.</summary>
    /// <param name="data">The data of the response.</param>
    /// <param name="first">The first address of the response.</param>
    /// <param name="change">The change. Pass it to <see cref="Apply"/> when it is stored.</param>
    /// <returns>False if nothing differs.</returns>
    public bool TryFind(ReadOnlySpan<byte> data, int first, out PointChange change)
    {
        for (int index = 0; index < _values.Length; index++)
        {
            ushort value = Read(data, point.Address - first + index);
            if (_isKnown && ((value ^ _values[index]) & _mask) != 0)
            {
                change = new PointChange((ushort)(point.Address + index), _values[index], value);
                return true;
            }

            _values[index] = value;
        }

        _isKnown = true;
        change = default;
        return false;
    }

    /// <summary>Records that a change is stored.</summary>
    public void Apply(in PointChange change) => _values[change.Address - point.Address] = change.Value;

    private ushort Read(ReadOnlySpan<byte> data, int at) => point.Table.IsBits()
        ? ModbusBits.Get(data, at) ? (ushort)1 : (ushort)0
        : BinaryPrimitives.ReadUInt16BigEndian(data[(2 * at)..]);
}

/// <summary>A register or bit that differs from the poll before.</summary>
/// <param name="Address">The address.</param>
/// <param name="Previous">The value of the poll before: the register, or 0 and 1.</param>
/// <param name="Value">The value of this poll.</param>
internal readonly record struct PointChange(ushort Address, ushort Previous, ushort Value);
