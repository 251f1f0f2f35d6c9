using System.Buffers.Binary;

namespace Estream.Net.Multicast.Internal;

/// <summary>Computes the parity symbols of the live data packets, group by group. Not thread-safe; allocates only when created.</summary>
internal sealed class FecEncoder
{
    private readonly int _data;
    private readonly int _parity;
    private readonly byte[] _symbols;
    private readonly int _symbolBytes;
    private int _longest;
    private int _sent;

    /// <param name="data">Data packets in a group.</param>
    /// <param name="parity">Parity packets of a group.</param>
    /// <param name="maxBodyBytes">The largest body of a packet.</param>
    public FecEncoder(int data, int parity, int maxBodyBytes)
    {
        _data = data;
        _parity = parity;
        _symbolBytes = maxBodyBytes - PacketLayout.ParityBytes;
        _symbols = new byte[parity * _symbolBytes];
    }

    /// <summary>The largest data body whose symbol fits in a parity packet.</summary>
    public int MaxDataBytes => _symbolBytes - sizeof(ushort);

    /// <summary>The current group; never 0.</summary>
    public uint Group { get; private set; } = 1;

    /// <summary>The number of data packets in the current group, which is the index of the next one.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the group has all its data packets, so parity packets follow.</summary>
    public bool IsFull => Count == _data;

    /// <summary>Whether some of the parity packets of the group were sent, so the others follow before more data.</summary>
    public bool HasSentParity => _sent > 0;

    /// <summary>Adds a data packet that was sent.</summary>
    public void Add(ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)body.Length);
        for (int parity = 0; parity < _parity; parity++)
        {
            byte factor = ReedSolomon.Coefficient(parity, Count);
            Span<byte> symbol = _symbols.AsSpan(parity * _symbolBytes, _symbolBytes);
            GaloisField.AddMultiple(symbol, length, factor);
            GaloisField.AddMultiple(symbol[sizeof(ushort)..], body, factor);
        }

        _longest = Math.Max(_longest, sizeof(ushort) + body.Length);
        Count++;
    }

    /// <summary>Writes the next parity body of the group.</summary>
    /// <returns>Its length; 0 if all were sent. <see cref="Sent"/> follows each one that was sent.</returns>
    public int WriteNext(Span<byte> body)
    {
        if (_sent == _parity || Count == 0)
        {
            return 0;
        }

        ParityPacket.Write(body, Group, Count, _parity, _sent);
        _symbols.AsSpan(_sent * _symbolBytes, _longest).CopyTo(body[PacketLayout.ParityBytes..]);
        return PacketLayout.ParityBytes + _longest;
    }

    /// <summary>Records that the parity packet was sent; starts the next group after the last one.</summary>
    public void Sent()
    {
        if (++_sent < _parity)
        {
            return;
        }

        Array.Clear(_symbols);
        (_sent, _longest, Count) = (0, 0, 0);
        Group = Group == uint.MaxValue ? 1 : Group + 1;
    }
}
