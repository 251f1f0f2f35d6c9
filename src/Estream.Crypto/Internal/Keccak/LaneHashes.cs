using System.Buffers.Binary;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>Computes SHA3-256 in lanes, with a given kernel.</summary>
internal static class LaneHashes
{
    private const int HashWords = Sha3Lanes.HashBytes / sizeof(ulong);
    private const int LastWord = (KeccakRate.Sha3_256 / sizeof(ulong)) - 1;
    private const ulong LastBit = 1UL << 63;

    /// <summary>Hashes messages of any lengths. A lane that has finished its message starts the next one, so lengths may differ.</summary>
    public static void Many(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes, KeccakKernel kernel)
    {
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        state.Clear();
        var sponges = new KeccakX8(state, KeccakRate.Sha3_256, KeccakRate.Sha3Suffix, kernel);
        Span<Lane> lanes = stackalloc Lane[KeccakX8.Lanes];
        int next = 0, start = 0, busy = 0;
        foreach (ref Lane lane in lanes)
        {
            busy += Begin(ref lane, lengths, ref next, ref start) ? 1 : 0;
        }

        while (busy > 0)
        {
            int ending = Absorb(sponges, lanes, messages);
            sponges.Permute();
            if (ending == 0)
            {
                continue;
            }

            for (int at = 0; at < lanes.Length; at++)
            {
                ref Lane lane = ref lanes[at];
                if (lane.IsEnding)
                {
                    sponges.ReadBlock(at, hashes.Slice(lane.Message * Sha3Lanes.HashBytes, Sha3Lanes.HashBytes));
                    busy -= Begin(ref lane, lengths, ref next, ref start) ? 0 : 1;
                    if (ending < KeccakX8.Lanes)
                    {
                        Clear(state, at);
                    }
                }
            }

            if (ending == KeccakX8.Lanes)
            {
                state.Clear();
            }
        }
    }

    /// <summary>Hashes a prefix byte and a pair of hashes, for each pair: 65 bytes, always a single block.</summary>
    public static void Pairs(byte prefix, ReadOnlySpan<byte> pairs, Span<byte> hashes, KeccakKernel kernel)
    {
        const int PairBytes = 2 * Sha3Lanes.HashBytes;
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        var sponges = new KeccakX8(state, KeccakRate.Sha3_256, KeccakRate.Sha3Suffix, kernel);
        while (pairs.Length > PairBytes)
        {
            int count = Math.Min(KeccakX8.Lanes, pairs.Length / PairBytes);
            state.Clear();
            for (int lane = 0; lane < count; lane++)
            {
                PutPair(state[lane..], prefix, pairs.Slice(lane * PairBytes, PairBytes));
            }

            sponges.Permute();
            for (int lane = 0; lane < count; lane++)
            {
                sponges.ReadBlock(lane, hashes.Slice(lane * Sha3Lanes.HashBytes, Sha3Lanes.HashBytes));
            }

            pairs = pairs[(count * PairBytes)..];
            hashes = hashes[(count * Sha3Lanes.HashBytes)..];
        }

        if (!pairs.IsEmpty)
        {
            KeccakSponge alone = KeccakSponge.Sha3_256();
            alone.Absorb([prefix]);
            alone.Absorb(pairs);
            alone.Squeeze(hashes);
        }
    }

    // The prefix shifts the pair by one byte: each word of the state holds the end of one word of the pair and the start of the next.
    private static void PutPair(Span<ulong> lane, byte prefix, ReadOnlySpan<byte> pair)
    {
        const int Words = 2 * HashWords;
        ulong before = (ulong)prefix << 56;
        for (int word = 0; word < Words; word++)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(pair[(word * sizeof(ulong))..]);
            lane[word * KeccakX8.Lanes] = (before >> 56) | (value << 8);
            before = value;
        }

        lane[Words * KeccakX8.Lanes] = (before >> 56) | ((ulong)KeccakRate.Sha3Suffix << 8);
        lane[LastWord * KeccakX8.Lanes] = LastBit;
    }

    private static bool Begin(ref Lane lane, ReadOnlySpan<int> lengths, ref int next, ref int start)
    {
        lane.IsEnding = false;
        if (next == lengths.Length)
        {
            lane.Message = -1;
            return false;
        }

        lane = new Lane { Message = next, At = start, Left = lengths[next] };
        start += lengths[next++];
        return true;
    }

    /// <returns>The number of lanes that reached the end of their message.</returns>
    private static int Absorb(KeccakX8 sponges, Span<Lane> lanes, ReadOnlySpan<byte> messages)
    {
        int ending = 0;
        for (int at = 0; at < lanes.Length; at++)
        {
            ref Lane lane = ref lanes[at];
            if (lane.Message < 0)
            {
                continue;
            }

            if (lane.Left >= KeccakRate.Sha3_256)
            {
                sponges.AbsorbBlock(at, messages[lane.At..]);
                lane.At += KeccakRate.Sha3_256;
                lane.Left -= KeccakRate.Sha3_256;
            }
            else
            {
                sponges.AbsorbLast(at, messages.Slice(lane.At, lane.Left));
                lane.IsEnding = true;
                ending++;
            }
        }

        return ending;
    }

    private static void Clear(Span<ulong> state, int lane)
    {
        for (int word = lane; word < state.Length; word += KeccakX8.Lanes)
        {
            state[word] = 0;
        }
    }

    /// <summary>The progress of a lane in its message.</summary>
    private struct Lane
    {
        /// <summary>The index of the message, or -1 for none.</summary>
        public int Message;

        /// <summary>The offset of the first byte that was not absorbed yet.</summary>
        public int At;

        /// <summary>The number of bytes from <see cref="At"/> to the end of the message.</summary>
        public int Left;

        /// <summary>Whether the next permutation yields the hash.</summary>
        public bool IsEnding;
    }
}
