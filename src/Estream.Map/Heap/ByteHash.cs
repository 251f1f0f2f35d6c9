using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Estream.Map.Internal;

/// <summary>
/// SipHash-1-3 with a random hash key for each map. A party that chooses the keys of a map cannot choose which keys collide, even if all 64
/// bits of the hashes are visible. See docs/decisions/0021.
/// </summary>
internal readonly struct ByteHash(ulong first, ulong second, ulong mask = ulong.MaxValue)
{
    public const int KeyBytes = 16;

    private const int LastRounds = 3;

    // The initial words spell "somepseudorandomlygeneratedbytes", as in the SipHash paper.
    private const ulong Word0 = 0x736F6D6570736575;
    private const ulong Word1 = 0x646F72616E646F6D;
    private const ulong Word2 = 0x6C7967656E657261;
    private const ulong Word3 = 0x7465646279746573;

    private readonly ulong _first = first;
    private readonly ulong _second = second;
    private readonly ulong _mask = mask;

    public ByteHash(ReadOnlySpan<byte> key, ulong mask = ulong.MaxValue)
        : this(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[sizeof(ulong)..]), mask)
    {
    }

    public nuint Of(ReadOnlySpan<byte> data) =>
        Avx512F.VL.IsSupported ? (nuint)(Pairs.Hash(data, this) & _mask) : OfWithoutVectors(data);

    public nuint OfWithoutVectors(ReadOnlySpan<byte> data)
    {
        var state = new State(_first, _second);
        int length = data.Length;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            state.Add(BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        state.Add(LastWord(data, length));
        return (nuint)(state.End() & _mask);
    }

    /// <summary>Hashes several keys: eight at once with AVX-512 if they have the same length, otherwise one by one.</summary>
    /// <param name="keys">The concatenated keys; others may follow.</param>
    /// <param name="lengths">The length of each key.</param>
    /// <param name="hashes">Receives the hash of each key; at least as long as <paramref name="lengths"/>.</param>
    public void OfMany(ReadOnlySpan<byte> keys, ReadOnlySpan<int> lengths, Span<nuint> hashes)
    {
        int done = 0;
        while (done < lengths.Length)
        {
            int length = lengths[done];
            if (Avx512F.IsSupported && lengths.Length - done >= Lanes.Count && !lengths.Slice(done, Lanes.Count).ContainsAnyExcept(length))
            {
                Lanes.Hash(keys, length, this, hashes.Slice(done, Lanes.Count));
                keys = keys[(Lanes.Count * length)..];
                done += Lanes.Count;
            }
            else
            {
                hashes[done++] = Of(keys[..length]);
                keys = keys[length..];
            }
        }
    }

    // The last word: the bytes after the last whole word, and the length of the key in the highest byte.
    private static ulong LastWord(ReadOnlySpan<byte> rest, int length)
    {
        ulong last = (ulong)length << 56;
        for (int i = 0; i < rest.Length; i++)
        {
            last |= (ulong)rest[i] << (8 * i);
        }

        return last;
    }

    private struct State(ulong first, ulong second)
    {
        private ulong _v0 = first ^ Word0;
        private ulong _v1 = second ^ Word1;
        private ulong _v2 = first ^ Word2;
        private ulong _v3 = second ^ Word3;

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

    /// <summary>SipHash-1-3 of one key. One vector has the words v0 and v2 of the state, the other v1 and v3. Half a round then takes four
    /// instructions instead of seven.</summary>
    private static class Pairs
    {
        public static ulong Hash(ReadOnlySpan<byte> data, in ByteHash hash)
        {
            Vector128<ulong> even = Vector128.Create(hash._first) ^ Vector128.Create(Word0, Word2);
            Vector128<ulong> odd = Vector128.Create(hash._second) ^ Vector128.Create(Word1, Word3);
            int length = data.Length;
            for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            {
                Add(ref even, ref odd, BinaryPrimitives.ReadUInt64LittleEndian(data));
            }

            Add(ref even, ref odd, LastWord(data, length));
            even ^= Vector128.Create(0UL, 0xFF);
            for (int round = 0; round < LastRounds; round++)
            {
                Round(ref even, ref odd);
            }

            even ^= odd;
            return even.ToScalar() ^ even[1];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(ref Vector128<ulong> even, ref Vector128<ulong> odd, ulong word)
        {
            Vector128<ulong> low = Vector128.CreateScalar(word);
            odd ^= Sse2.ShiftLeftLogical128BitLane(low, sizeof(ulong));
            Round(ref even, ref odd);
            even ^= low;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Round(ref Vector128<ulong> even, ref Vector128<ulong> odd)
        {
            HalfRound(ref even, ref odd, Vector128.Create(13UL, 16));
            HalfRound(ref even, ref odd, Vector128.Create(17UL, 21));
        }

        // The shuffle swaps the two words of the vector, and rotates the word from the lower half by 32 bits.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void HalfRound(ref Vector128<ulong> even, ref Vector128<ulong> odd, Vector128<ulong> bits)
        {
            const byte SwapAndRotate = 0b00_01_11_10;
            even += odd;
            odd = Avx512F.VL.RotateLeftVariable(odd, bits) ^ even;
            even = Sse2.Shuffle(even.AsUInt32(), SwapAndRotate).AsUInt64();
        }
    }

    /// <summary>SipHash-1-3 of eight keys of the same length, one in each lane.</summary>
    private static class Lanes
    {
        public const int Count = 8;

        public static void Hash(ReadOnlySpan<byte> keys, int length, in ByteHash hash, Span<nuint> hashes)
        {
            var v0 = Vector512.Create(hash._first ^ Word0);
            var v1 = Vector512.Create(hash._second ^ Word1);
            var v2 = Vector512.Create(hash._first ^ Word2);
            var v3 = Vector512.Create(hash._second ^ Word3);
            int whole = length & -sizeof(ulong);
            for (int at = 0; at <= whole; at += sizeof(ulong))
            {
                Vector512<ulong> words = at < whole ? Load(keys[at..], length) : LoadLast(keys, length);
                v3 ^= words;
                Round(ref v0, ref v1, ref v2, ref v3);
                v0 ^= words;
            }

            v2 ^= Vector512.Create(0xFFUL);
            for (int round = 0; round < LastRounds; round++)
            {
                Round(ref v0, ref v1, ref v2, ref v3);
            }

            Vector512<ulong> all = (v0 ^ v1 ^ v2 ^ v3) & Vector512.Create(hash._mask);
            for (int lane = 0; lane < Count; lane++)
            {
                hashes[lane] = (nuint)all[lane];
            }
        }

        private static Vector512<ulong> Load(ReadOnlySpan<byte> keys, int length)
        {
            Vector256<ulong> low = Vector256.Create(
                Word(keys, 0), Word(keys, length), Word(keys, 2 * length), Word(keys, 3 * length));
            Vector256<ulong> high = Vector256.Create(
                Word(keys, 4 * length), Word(keys, 5 * length), Word(keys, 6 * length), Word(keys, 7 * length));
            return Vector512.Create(low, high);
        }

        private static Vector512<ulong> LoadLast(ReadOnlySpan<byte> keys, int length)
        {
            Span<ulong> words = stackalloc ulong[Count];
            int rest = length % sizeof(ulong);
            for (int lane = 0; lane < Count; lane++)
            {
                words[lane] = LastWord(keys.Slice((lane * length) + length - rest, rest), length);
            }

            return Vector512.Create<ulong>(words);
        }

        private static ulong Word(ReadOnlySpan<byte> keys, int at) => BinaryPrimitives.ReadUInt64LittleEndian(keys[at..]);

        private static void Round(ref Vector512<ulong> v0, ref Vector512<ulong> v1, ref Vector512<ulong> v2, ref Vector512<ulong> v3)
        {
            v0 += v1;
            v2 += v3;
            v1 = Avx512F.RotateLeft(v1, 13) ^ v0;
            v3 = Avx512F.RotateLeft(v3, 16) ^ v2;
            v0 = Avx512F.RotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Avx512F.RotateLeft(v1, 17) ^ v2;
            v3 = Avx512F.RotateLeft(v3, 21) ^ v0;
            v2 = Avx512F.RotateLeft(v2, 32);
        }
    }
}
