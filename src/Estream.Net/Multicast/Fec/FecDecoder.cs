using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Keeps the packets of the last groups and restores missing ones as soon as enough parity arrived. Bounded memory, allocated when created.
/// Not thread-safe.
/// </summary>
internal sealed class FecDecoder
{
    private const int Groups = 8;

    private readonly int _maxData;
    private readonly int _slots;
    private readonly int _symbolBytes;
    private readonly byte[] _symbols;
    private readonly Group[] _groups = new Group[Groups];
    private readonly byte[] _matrix;
    private readonly byte[] _inverse;
    private readonly int[] _missing = new int[PacketLayout.MaxGroupParity];
    private readonly int[] _rows = new int[PacketLayout.MaxGroupParity];
    private readonly byte[] _sums;
    private int _restored;
    private int _symbolLength;

    /// <param name="data">Data packets in a group.</param>
    /// <param name="parity">Parity packets of a group.</param>
    /// <param name="maxBodyBytes">The largest body that this receiver keeps.</param>
    public FecDecoder(int data, int parity, int maxBodyBytes)
    {
        _maxData = data;
        _slots = data + parity;
        _symbolBytes = maxBodyBytes + sizeof(ushort);
        _symbols = new byte[Groups * _slots * _symbolBytes];
        _sums = new byte[parity * _symbolBytes];
        _matrix = new byte[parity * parity];
        _inverse = new byte[parity * parity];
        for (int index = 0; index < Groups; index++)
        {
            _groups[index] = new Group { Lengths = new int[_slots] };
        }
    }

    /// <summary>Adds a data packet.</summary>
    /// <returns>The number of packets restored; read them with <see cref="Restored"/>.</returns>
    public int AddData(uint group, int index, ReadOnlySpan<byte> body)
    {
        if (index >= _maxData || body.Length > _symbolBytes - sizeof(ushort) || !TryEnter(group, out int at)
            || _groups[at].Lengths[index] != 0)
        {
            return 0;
        }

        Span<byte> symbol = Symbol(at, index);
        BinaryPrimitives.WriteUInt16LittleEndian(symbol, (ushort)body.Length);
        body.CopyTo(symbol[sizeof(ushort)..]);
        _groups[at].Lengths[index] = sizeof(ushort) + body.Length;
        return TryRestore(at);
    }

    /// <summary>Adds a parity packet.</summary>
    /// <returns>The number of packets restored.</returns>
    public int AddParity(in ParityPacket packet)
    {
        int slot = _maxData + packet.Index;
        if (packet.Data > _maxData || slot >= _slots || packet.Symbol.Length > _symbolBytes || !TryEnter(packet.Group, out int at)
            || _groups[at].Lengths[slot] != 0)
        {
            return 0;
        }

        ref Group state = ref _groups[at];
        if (state.Data != 0 && (state.Data != packet.Data || state.SymbolLength != packet.Symbol.Length))
        {
            return 0;
        }

        state.Data = packet.Data;
        state.SymbolLength = packet.Symbol.Length;
        packet.Symbol.CopyTo(Symbol(at, slot));
        state.Lengths[slot] = packet.Symbol.Length;
        return TryRestore(at);
    }

    /// <summary>A restored data body; valid until the next packet is added.</summary>
    /// <returns>An empty span if the restored length is not valid: packets of the group were forged or damaged.</returns>
    public ReadOnlySpan<byte> Restored(int index)
    {
        if (index >= _restored)
        {
            return default;
        }

        ReadOnlySpan<byte> symbol = _sums.AsSpan(index * _symbolBytes, _symbolLength);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(symbol);
        return length <= symbol.Length - sizeof(ushort) ? symbol.Slice(sizeof(ushort), length) : default;
    }

    private bool TryEnter(uint group, out int at)
    {
        at = (int)(group % Groups);
        ref Group state = ref _groups[at];
        if (group == 0 || (state.Number != 0 && (int)(group - state.Number) < 0))
        {
            return false;
        }

        if (state.Number != group)
        {
            Array.Clear(state.Lengths);
            state = new Group { Number = group, Lengths = state.Lengths };
        }

        return !state.IsDone;
    }

    private int TryRestore(int at)
    {
        ref Group state = ref _groups[at];
        if (state.Data == 0)
        {
            return 0;
        }

        int missing = 0;
        for (int index = 0; index < state.Data; index++)
        {
            bool isTooLong = state.Lengths[index] > state.SymbolLength;
            if (isTooLong || (state.Lengths[index] == 0 && missing == _missing.Length))
            {
                return 0;
            }

            if (state.Lengths[index] == 0)
            {
                _missing[missing++] = index;
            }
        }

        int rows = 0;
        for (int parity = 0; parity < _slots - _maxData && rows < missing; parity++)
        {
            if (state.Lengths[_maxData + parity] != 0)
            {
                _rows[rows++] = parity;
            }
        }

        if (rows < missing)
        {
            return 0;
        }

        state.IsDone = true;
        return missing == 0 ? 0 : Restore(at, missing);
    }

    // Solves for the missing symbols: each parity symbol minus the data that arrived is a sum of the missing ones.
    private int Restore(int at, int missing)
    {
        ref Group state = ref _groups[at];
        for (int row = 0; row < missing; row++)
        {
            Span<byte> sum = Symbol(at, _maxData + _rows[row])[..state.SymbolLength];
            for (int index = 0; index < state.Data; index++)
            {
                if (state.Lengths[index] != 0)
                {
                    GaloisField.AddMultiple(sum, Symbol(at, index)[..state.Lengths[index]], ReedSolomon.Coefficient(_rows[row], index));
                }
            }

            for (int column = 0; column < missing; column++)
            {
                _matrix[(row * missing) + column] = ReedSolomon.Coefficient(_rows[row], _missing[column]);
            }
        }

        if (!ReedSolomon.TryInvert(_matrix, _inverse, missing))
        {
            return 0;
        }

        for (int row = 0; row < missing; row++)
        {
            Span<byte> restored = _sums.AsSpan(row * _symbolBytes, state.SymbolLength);
            restored.Clear();
            for (int column = 0; column < missing; column++)
            {
                GaloisField.AddMultiple(
                    restored, Symbol(at, _maxData + _rows[column])[..state.SymbolLength], _inverse[(row * missing) + column]);
            }
        }

        _restored = missing;
        _symbolLength = state.SymbolLength;
        return missing;
    }

    private Span<byte> Symbol(int at, int slot) => _symbols.AsSpan(((at * _slots) + slot) * _symbolBytes, _symbolBytes);

    private struct Group
    {
        public uint Number;
        public int Data;
        public int SymbolLength;
        public bool IsDone;
        public int[] Lengths;
    }
}
