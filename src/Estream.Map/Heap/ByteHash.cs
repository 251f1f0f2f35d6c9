using System.Buffers.Binary;
using System.Numerics;

namespace Estream.Map.Internal;

/// <summary>
/// SipHash-1-3 with a random hash key for each map. A party that chooses the keys of a map cannot choose which keys collide, even if all 64
/// bits of the hashes are visible. See docs/decisions/0021.
/// </summary>
internal readonly struct ByteHash(ulong first, ulong second, ulong mask = ulong.MaxValue)
{
    public const int KeyBytes = 16;

    private const int LastRounds = 3;

    private readonly ulong _first = first;
    private readonly ulong _second = second;
    private readonly ulong _mask = mask;

    public ByteHash(ReadOnlySpan<byte> key, ulong mask = ulong.MaxValue)
        : this(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[sizeof(ulong)..]), mask)
    {
    }

    public nuint Of(ReadOnlySpan<byte> data)
    {
        var state = new State(_first, _second);
        ulong last = (ulong)data.Length << 56;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            state.Add(BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        for (int i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        state.Add(last);
        return (nuint)(state.End() & _mask);
    }

    // The initial words spell "somepseudorandomlygeneratedbytes", as in the SipHash paper.
    private struct State(ulong first, ulong second)
    {
        private ulong _v0 = first ^ 0x736F6D6570736575;
        private ulong _v1 = second ^ 0x646F72616E646F6D;
        private ulong _v2 = first ^ 0x6C7967656E657261;
        private ulong _v3 = second ^ 0x7465646279746573;

        public void Add(ulong word)
        {
            _v3 ^= word;
            Round();
            _v0 ^= word;
        }

        public ulong End()
        {
            _v2 ^= 0xFF;
            for (int round = 0; round < LastRounds; round++)
            {
                Round();
            }

            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            _v0 += _v1;
            _v2 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v1;
            _v0 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
