using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Map;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a page of a map has a limit, however long its keys and values are, and pages return every key.</summary>
public sealed class ByteMapViewTests : IDisposable
{
    private readonly VersionedByteMap _map = VersionedByteMap.CreateInMemory();
    private readonly ByteMapView _view;

    public ByteMapViewTests() =>
        _view = ByteMapView.Of(_map, "circuit", new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate(), new ManualClock(0));

    public void Dispose() => _map.Dispose();

    [Theory]
    [InlineData((byte)0xff)]
    [InlineData((byte)'k')]
    public async Task Pages_of_long_keys_are_short_and_return_every_key_once_in_order(byte filler)
    {
        const int Count = 150;
        foreach (int i in Enumerable.Range(0, Count).OrderBy(i => i * 7 % Count))
        {
            _map.Put(LongKey(i, filler), "v"u8);
        }

        List<int> seen = [];
        string? next = "";
        while (next is not null)
        {
            (JsonElement page, int length) = await PageAsync(next);
            Assert.InRange(length, 1, 16 << 20);
            Assert.Equal(Count, page.GetProperty("total").GetInt32());
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(NumberOf));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    [Fact]
    public async Task A_page_has_the_length_of_a_long_value_and_the_entry_has_its_start()
    {
        _map.Put("long"u8, Encoding.UTF8.GetBytes(new string('x', 1 << 20)));
        _map.Put("short"u8, "y"u8);

        JsonElement[] entries = [.. (await PageAsync("")).Page.GetProperty("entries").EnumerateArray()];
        ArrayBufferWriter<byte> one = new();
        using (Utf8JsonWriter writer = new(one))
        {
            Assert.True(_view.TryWriteEntry("long"u8, writer));
        }

        Assert.Equal([1 << 20, 1], entries.Select(entry => entry.GetProperty("length").GetInt32()));
        Assert.False(entries[0].TryGetProperty("text", out _), "the page has no part of the long value");
        Assert.Equal("y", entries[1].GetProperty("text").GetString());
        Assert.Equal(64 * 1024, JsonDocument.Parse(one.WrittenMemory).RootElement.GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public async Task A_page_ends_when_its_values_are_long_and_the_next_page_continues()
    {
        byte[] value = Encoding.UTF8.GetBytes(new string('x', 60_000));
        for (int i = 0; i < 200; i++)
        {
            _map.Put(Encoding.ASCII.GetBytes($"{i:D3}"), value);
        }

        JsonElement first = (await PageAsync("")).Page;
        JsonElement[] entries = [.. first.GetProperty("entries").EnumerateArray()];
        JsonElement second = (await PageAsync(first.GetProperty("next").GetString()!)).Page;

        Assert.InRange(entries.Length * 60_000L, 1, MessageBudget.Answer.TotalBytes + 60_000);
        Assert.Equal($"{entries.Length:D3}", second.GetProperty("entries")[0].GetProperty("key").GetString());
    }

    [Fact]
    public async Task A_page_waits_a_limited_time_for_another_page()
    {
        using ManualResetEventSlim reads = new(), ends = new();
        MapPages pages = new(new ReadGate(), new ManualClock(0), _ =>
        {
            reads.Set();
            ends.Wait();
        }, (ReadOnlySpan<byte> _, Utf8JsonWriter _, ref long _) => false, () => new MapTraits("client", "", "", "", null))
        {
            WaitLimit = TimeSpan.FromMilliseconds(1),
        };
        using Utf8JsonWriter writer = new(new ArrayBufferWriter<byte>()), other = new(new ArrayBufferWriter<byte>());
        MapPageRequest request = new(default, default, 10);
        Task first = Task.Run(() => pages.WriteAsync(request, writer, CancellationToken.None));
        reads.Wait();

        TimeoutException busy = await Assert.ThrowsAsync<TimeoutException>(
            () => pages.WriteAsync(request, other, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1)));

        Assert.Equal("Other pages of the map are being read. Retry later.", busy.Message);
        ends.Set();
        await first;
    }

    private static byte[] LongKey(int number, byte filler)
    {
        byte[] key = new byte[ByteMap.MaxKeyBytes];
        key.AsSpan().Fill(filler);
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    private static int NumberOf(JsonElement entry) => BinaryPrimitives.ReadInt32BigEndian(
        entry.TryGetProperty("keyBytes", out JsonElement bytes)
            ? Convert.FromHexString(bytes.GetString()!)
            : Encoding.UTF8.GetBytes(entry.GetProperty("key").GetString()!));

    private async Task<(JsonElement Page, int Length)> PageAsync(string after)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            await _view.WriteEntriesAsync(new MapPageRequest(default, EntryKey.Parse(after), 10_000), writer, CancellationToken.None);
        }

        return (JsonDocument.Parse(buffer.WrittenMemory).RootElement, buffer.WrittenCount);
    }
}
