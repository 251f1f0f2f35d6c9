using Estream.Core;
using Estream.Crypto;

namespace Estream.Fpga;

/// <summary>Tests with random messages and keys whether the engines of a card compute the same results as the processor. Resets the card
/// before and after the test.</summary>
public static class FpgaSelfTest
{
    private const int MostBytes = 1_024;
    private const int RoomBytes = MostBytes + Sha3Lanes.HashBytes;
    private const int Batch = 256;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>Tests each engine of the card.</summary>
    /// <param name="card">The card, with no submissions in flight.</param>
    /// <param name="operations">The number of operations per engine, 1 to 10,000,000.</param>
    /// <param name="seed">The seed of the random inputs.</param>
    /// <returns>A result for each engine.</returns>
    /// <exception cref="EstreamFpgaException">The card has disappeared, or does not answer.</exception>
    public static IReadOnlyList<FpgaSelfTestResult> Run(FpgaCard card, int operations, int seed)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentOutOfRangeException.ThrowIfLessThan(operations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operations, 10_000_000);
        card.Reset();
        using FpgaMemory memory = card.AllocateMemory(Batch * RoomBytes);
        List<FpgaSelfTestResult> results = [];
        if (card.Info.HasAppend)
        {
            ulong next = 0;
            results.Add(
                RunEngine("append", card, memory, operations, seed,
                    static (ref FpgaSubmission place, ReadOnlySpan<byte> bytes, ulong address, int _) =>
                {
                    place.Head(CardOperation.Append, 0, (uint)bytes.Length);
                    place.Address = address;
                },
                (in FpgaCompletion completion, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> _, int _) =>
                    completion.Sequence == next++ && completion.Info == Crc32C.Compute(bytes)));
        }

        if (card.Info.HasLeafHash)
        {
            results.Add(
                RunEngine("leaf hash", card, memory, operations, seed,
                    static (ref FpgaSubmission place, ReadOnlySpan<byte> bytes, ulong address, int _) =>
                {
                    place.Head(CardOperation.LeafHash, 0, (uint)bytes.Length);
                    place.Address = address;
                    place.Argument = address + MostBytes;
                },
                static (in FpgaCompletion _, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> hash, int _) => IsLeafHash(bytes, hash)));
        }

        if (card.Info.HasMap)
        {
            // Each get looks up the key of the put before it.
            results.Add(
                RunEngine("map", card, memory, operations, seed,
                    static (ref FpgaSubmission place, ReadOnlySpan<byte> bytes, ulong _, int index) =>
                {
                    bool isPut = index % 2 == 0;
                    place.Head(isPut ? CardOperation.MapPut : CardOperation.MapGet, 0,
                        FpgaSubmission.EntryLength(sizeof(ulong), isPut ? sizeof(ulong) : 0));
                    place.Inline[0] = (ulong)(index / 2 % Batch);
                    place.Inline[2] = (ulong)(index / 2);
                },
                static (in FpgaCompletion completion, ReadOnlySpan<byte> _, ReadOnlySpan<byte> _, int index) =>
                    index % 2 == 0 ? completion.Status is CardStatus.Created or CardStatus.Replaced : completion.Status == CardStatus.Ok
                        && completion.Data == (ulong)(index / 2)));
        }

        card.Reset();
        return results;
    }

    private delegate void Write(ref FpgaSubmission place, ReadOnlySpan<byte> bytes, ulong address, int index);

    private delegate bool Check(in FpgaCompletion completion, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> result, int index);

    private static FpgaSelfTestResult RunEngine(string engine, FpgaCard card, FpgaMemory memory, int operations, int seed, Write write,
        Check check)
    {
        Random random = new(seed);
        int[] lengths = new int[Batch];
        int wrong = 0;
        int least = int.MaxValue;
        int most = 0;
        for (int done = 0, count; done < operations; done += count)
        {
            count = Math.Min(Math.Min(Batch, card.Queue.Entries), operations - done);
            for (int i = 0; i < count; i++)
            {
                lengths[i] = random.Next(1, MostBytes);
                Span<byte> bytes = memory.Span(i * RoomBytes, lengths[i]);
                random.NextBytes(bytes);
                ref FpgaSubmission place = ref card.Queue.Next();
                (place.Address, place.UserData, place.Inline, place.Argument) = (0, (ulong)i, default, 0);
                write(ref place, bytes, memory.Address + (ulong)(i * RoomBytes), done + i);
            }

            Complete(card, count);
            for (int i = 0; i < count; i++)
            {
                ref readonly FpgaCompletion completion = ref card.Queue.Current;
                int index = (int)Math.Min(completion.UserData, (ulong)count - 1);
                bool isRight = completion.UserData == (ulong)index && completion.Status < CardStatus.BadOperation
                    && check(in completion, memory.Span(index * RoomBytes, lengths[index]),
                        memory.Span((index * RoomBytes) + MostBytes, Sha3Lanes.HashBytes), done + index);
                wrong += isRight ? 0 : 1;
                (least, most) = (Math.Min(least, completion.Cycles), Math.Max(most, completion.Cycles));
                card.Queue.Advance();
            }
        }

        return new FpgaSelfTestResult(engine, operations, wrong, least, most);
    }

    private static void Complete(FpgaCard card, int count)
    {
        FpgaFailure? failure = card.Queue.Ring() ? card.Queue.Wait(count, s_timeout) : FpgaFailure.Gone;
        if (failure is FpgaFailure reason)
        {
            throw new EstreamFpgaException(
                $"The card '{card.Info.Uri}' {(reason == FpgaFailure.Gone ? "is gone" : "did not answer in time")} in its self-test. "
                + "Reset it, or remove it.", card.Info.Uri, reason);
        }
    }

    private static bool IsLeafHash(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> hash)
    {
        Span<byte> expected = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash([0], bytes, expected);
        return expected.SequenceEqual(hash);
    }
}

/// <summary>The result of an engine's self-test.</summary>
/// <param name="Engine">The name of the engine.</param>
/// <param name="Operations">The number of operations.</param>
/// <param name="Wrong">The number of operations whose result differs from the processor's.</param>
/// <param name="LeastCycles">The fewest cycles of the card from accepting an operation to answering it.</param>
/// <param name="MostCycles">The most cycles from accepting an operation to answering it. An operation that waits for earlier operations
/// takes longer.</param>
public sealed record FpgaSelfTestResult(string Engine, int Operations, int Wrong, int LeastCycles, int MostCycles);
