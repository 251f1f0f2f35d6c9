using System.Buffers.Binary;
using Estream.Core;
using Estream.Crypto;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Fpga.Tests;

/// <summary>Compares the engines of the simulated card with models in C#. Runs random operations that interact: few keys, many changes,
/// short and long messages, random stalls outside the card.</summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int BatchSize = 2_048;

    [CardTheory(simulated: true)]
    [InlineData(1, 0)]
    [InlineData(2, 12_345)]
    public void The_simulated_card_gives_the_same_results_as_the_models(int seed, ulong stalls)
    {
        long operations = LongRun.Count(500_000, 50_000_000);
        using FpgaCard card = FpgaCard.Open("sim:", new FpgaCardOptions { RingEntries = BatchSize, Seed = stalls });
        using FpgaMemory memory = card.AllocateMemory(4 << 20);
        CardModel model = new(card, memory, seed);
        for (long done = 0; done < operations; done += BatchSize)
        {
            model.RunBatch(BatchSize);
        }

        model.CheckCounters(card.ReadCounters());
        output.WriteLine(model.Coverage(card.ReadCounters()));
    }
}

/// <summary>Computes the answers that a card must give.</summary>
internal sealed class CardModel(FpgaCard card, FpgaMemory memory, int seed)
{
    private const int Lanes = 2;
    private const int Keys = 1_700;
    private const int MostLong = 700;
    private const int RoomBytes = 1_024;

    private readonly Random _random = new(seed);
    private readonly Dictionary<(int Lane, int Key), (ulong Version, byte[] Value)> _entries = [];
    private readonly ulong[] _versions = new ulong[Lanes];
    private readonly ulong[] _sequences = new ulong[Lanes];
    private readonly byte[] _bytes = new byte[MostLong];
    private Expected[] _expected = [];
    private long _appends;
    private long _appendBytes;
    private long _leaves;
    private long _changes;
    private long _hot;
    private long _full;

    /// <summary>Submits random operations and compares every completion with the model.</summary>
    public void RunBatch(int count)
    {
        _expected = _expected.Length < count ? new Expected[count] : _expected;
        for (int i = 0; i < count; i++)
        {
            ref FpgaSubmission place = ref card.Queue.Next();
            (place.Address, place.UserData, place.Inline, place.Argument) = (0, (ulong)i, default, 0);
            int lane = _random.Next(Lanes);
            _expected[i] = _random.Next(64) switch
            {
                < 20 => Append(ref place, lane, i),
                20 => Leaf(ref place, i),
                _ => Entry(ref place, lane),
            };
        }

        Assert.True(card.Queue.Ring());
        Assert.Null(card.Queue.Wait(count, TimeSpan.FromMinutes(5)));
        for (int i = 0; i < count; i++)
        {
            Assert.True(card.Queue.HasCompletion);
            Check(in card.Queue.Current);
            card.Queue.Advance();
        }
    }

    /// <summary>Compares the card's counters with those of the model.</summary>
    public void CheckCounters(FpgaCounters counters)
    {
        Assert.Equal((_appends, _appendBytes, _leaves), (counters.AppendMessages, counters.AppendBytes, counters.LeafHashes));
        Assert.Equal((_changes, (long)_entries.Count, 0L), (counters.MapChanges, counters.MapEntries, counters.Refused));
        Assert.Equal(_hot, counters.HotHits);
        Assert.Equal(0, _full);
    }

    public string Coverage(FpgaCounters counters) =>
        $"seed {seed}: {_appends} appends of {_appendBytes} bytes, {_leaves} leaves, {_changes} changes of {_entries.Count} entries, "
        + $"{_hot} hot hits, {counters.HotMisses} hot misses, {counters.MapDisplacements} displacements, {counters.Cycles} cycles of "
        + "the simulation";

    private Expected Append(ref FpgaSubmission place, int lane, int index)
    {
        bool isInline = _random.Next(2) == 0;
        Span<byte> bytes = _bytes.AsSpan(0, isInline ? _random.Next(33) : _random.Next(1, MostLong));
        _random.NextBytes(bytes);
        place.Head(CardOperation.Append, (ushort)lane, isInline ? FpgaSubmission.InlineLength(bytes.Length) : (uint)bytes.Length);
        if (isInline)
        {
            place.SetInline(bytes);
        }
        else
        {
            bytes.CopyTo(memory.Span(index * RoomBytes, bytes.Length));
            place.Address = memory.Address + (ulong)(index * RoomBytes);
        }

        _appends++;
        _appendBytes += bytes.Length;
        return new Expected(CardStatus.Ok, Crc32C.Compute(bytes), _sequences[lane]++);
    }

    private Expected Leaf(ref FpgaSubmission place, int index)
    {
        Span<byte> bytes = _bytes.AsSpan(0, _random.Next(MostLong));
        _random.NextBytes(bytes);
        bytes.CopyTo(memory.Span(index * RoomBytes, bytes.Length));
        place.Head(CardOperation.LeafHash, 0, (uint)bytes.Length);
        place.Address = memory.Address + (ulong)(index * RoomBytes);
        place.Argument = place.Address + MostLong + 4;
        byte[] hash = new byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash([0], bytes, hash);
        _leaves++;
        return new Expected(CardStatus.Ok, (uint)bytes.Length, 0, BinaryPrimitives.ReadUInt64LittleEndian(hash), hash,
            (index * RoomBytes) + MostLong + 4);
    }

    // Half of the operations use a few hot keys, so that operations on one key closely follow each other.
    private Expected Entry(ref FpgaSubmission place, int lane)
    {
        int key = _random.Next(2) == 0 ? _random.Next(12) : _random.Next(Keys);
        CardOperation operation = (CardOperation)((byte)CardOperation.MapGet + _random.Next(4));
        bool isThere = _entries.TryGetValue((lane, key), out (ulong Version, byte[] Value) entry);
        byte[] value = new byte[operation is CardOperation.MapPut or CardOperation.MapCas ? _random.Next(9) : 0];
        _random.NextBytes(value);
        bool isRight = operation == CardOperation.MapPut || _random.Next(3) > 0;
        ulong expected = operation switch
        {
            CardOperation.MapCas => isRight ? isThere ? entry.Version : 0 : (ulong)_random.Next(1, 1_000_000),
            CardOperation.MapDelete => isRight ? 0 : (ulong)_random.Next(1, 1_000_000),
            _ => 0,
        };
        Span<byte> inline = stackalloc byte[32];
        inline.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(inline, key * 0x1_0000_0001L);
        value.CopyTo(inline[16..]);
        place.Head(operation, (ushort)lane, FpgaSubmission.EntryLength(16, value.Length));
        place.SetInline(inline);
        place.Argument = expected;
        return Expect(operation, lane, key, value, expected, isThere, entry);
    }

    private Expected Expect(CardOperation operation, int lane, int key, byte[] value, ulong expected, bool isThere,
        (ulong Version, byte[] Value) entry)
    {
        uint length = isThere ? (uint)entry.Value.Length : 0;
        switch (operation)
        {
            case CardOperation.MapGet when isThere:
                byte[] word = new byte[sizeof(ulong)];
                entry.Value.CopyTo(word, 0);
                return new Expected(CardStatus.Ok, length, entry.Version, BinaryPrimitives.ReadUInt64LittleEndian(word));
            case CardOperation.MapDelete when isThere && (expected == 0 || expected == entry.Version):
                _entries.Remove((lane, key));
                _changes++;
                return new Expected(CardStatus.Ok, null, entry.Version);
            case CardOperation.MapPut:
            case CardOperation.MapCas when expected == entry.Version:
                _changes++;
                _entries[(lane, key)] = (++_versions[lane], value);
                return new Expected(isThere ? CardStatus.Replaced : CardStatus.Created, (uint)value.Length, _versions[lane]);
            default:
                return isThere ? new Expected(CardStatus.Conflict, length, entry.Version) : new Expected(CardStatus.Absent, 0, 0);
        }
    }

    private void Check(in FpgaCompletion completion)
    {
        Expected expected = _expected[(int)completion.UserData];
        string where = $"seed {seed}, operation {completion.UserData} after {_appends} appends and {_changes} changes";
        Assert.True(expected.Status == completion.Status, $"{where}: {completion.Status} and not {expected.Status}");
        Assert.True(expected.Sequence == completion.Sequence,
            $"{where}: number or version {completion.Sequence} and not {expected.Sequence}");
        Assert.True(expected.Info is null || expected.Info == completion.Info, $"{where}: {completion.Info:x} and not {expected.Info:x}");
        Assert.True(expected.Data is null || expected.Data == completion.Data, $"{where}: {completion.Data:x} and not {expected.Data:x}");
        if (expected.Hash is not null)
        {
            Assert.True(memory.Span(expected.HashOffset, expected.Hash.Length).SequenceEqual(expected.Hash), where);
        }

        _hot += completion.IsHot ? 1 : 0;
        _full += completion.Status == CardStatus.Full ? 1 : 0;

        // Marks the completion as seen: no card returns this status.
        _expected[(int)completion.UserData] = new Expected(CardStatus.Gone, null, 0);
    }

    private readonly record struct Expected(CardStatus Status, uint? Info, ulong Sequence, ulong? Data = null, byte[]? Hash = null,
        int HashOffset = 0);
}
