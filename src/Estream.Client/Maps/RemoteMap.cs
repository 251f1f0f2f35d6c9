using System.Runtime.CompilerServices;
using Estream.Client.Connection;
using Estream.Client.Maps;
using Estream.Client.Protocol;

namespace Estream.Client;

/// <summary>A map of a host. Maps that fold a queue, and replicas, can only be read. Thread-safe.</summary>
/// <remarks>A change is acknowledged when it survives a crash of the host process; a change of a replicated map, when a majority of the
/// brokers has it. Without replication, a power cut may lose the changes of the last seconds.
/// If the connection is lost during a change, the result is unknown and the call throws: read the entry before the change is
/// repeated.</remarks>
public sealed class RemoteMap
{
    private readonly EstreamClient _client;
    private readonly string _text;

    internal RemoteMap(EstreamClient client, string name)
    {
        _client = client;
        Name = name;
        _text = $"Map '{name}'";
    }

    /// <summary>The name of the map.</summary>
    public string Name { get; }

    /// <summary>Returns the entry of a key; <see langword="null"/> if the map does not have it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="EstreamClientException">The map does not exist, or the host could not be reached.</exception>
    /// <remarks>Without a cancellable token, the call allocates only the array with the value.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<MapEntry?> GetAsync(MapKey key, CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.MapGet, (Name, key),
            static (frame, given) => frame.Text(given.Name).ShortBytes(given.key.Bytes.Span), cancellation).ConfigureAwait(false);
        response.ThrowUnless(_text);
        return MapFrames.ReadEntry(response.Payload);
    }

    /// <summary>Stores a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">The time until the entry expires, at least a millisecond; <see langword="null"/> if it does not.</param>
    /// <param name="cancellation">Cancels the wait, not the change.</param>
    /// <returns>The version of the entry.</returns>
    /// <exception cref="EstreamClientException">The map does not exist, is full or read-only, or the host could not be reached.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> PutAsync(
        MapKey key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.MapPut, (Name, key, value, ttl: Millis(timeToLive)),
            static (frame, given) => frame.Text(given.Name).Int64(given.ttl).ShortBytes(given.key.Bytes.Span).Raw(given.value.Span),
            cancellation).ConfigureAwait(false);
        return MapFrames.ReadVersion(response.ThrowUnless(_text).Payload);
    }

    /// <summary>Stores a value if the entry has the expected version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version; 0 if the map must not have the key.</param>
    /// <param name="value">The new value.</param>
    /// <param name="timeToLive">As for <see cref="PutAsync"/>.</param>
    /// <param name="cancellation">Cancels the wait, not the change.</param>
    /// <exception cref="EstreamClientException">As for <see cref="PutAsync"/>.</exception>
    public ValueTask<MapChangeResult> CompareExchangeAsync(MapKey key, long expectedVersion, ReadOnlyMemory<byte> value,
        TimeSpan? timeToLive = null, CancellationToken cancellation = default) =>
        ExchangeAsync((Name, key, expectedVersion, default, value, Millis(timeToLive), MapFrames.ByVersion), cancellation);

    /// <summary>Stores a value if the entry has the expected value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedValue">The value that the entry must have.</param>
    /// <param name="value">The new value.</param>
    /// <param name="timeToLive">As for <see cref="PutAsync"/>.</param>
    /// <param name="cancellation">Cancels the wait, not the change.</param>
    /// <exception cref="EstreamClientException">As for <see cref="PutAsync"/>.</exception>
    public ValueTask<MapChangeResult> CompareExchangeAsync(MapKey key, ReadOnlyMemory<byte> expectedValue, ReadOnlyMemory<byte> value,
        TimeSpan? timeToLive = null, CancellationToken cancellation = default) =>
        ExchangeAsync((Name, key, 0, expectedValue, value, Millis(timeToLive), MapFrames.ByValue), cancellation);

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version that the entry must have; <see langword="null"/> for any.</param>
    /// <param name="cancellation">Cancels the wait, not the change.</param>
    /// <returns>Whether the key was removed. False if the map does not have the key or the entry has another version.</returns>
    /// <exception cref="EstreamClientException">As for <see cref="PutAsync"/>.</exception>
    public async ValueTask<bool> RemoveAsync(MapKey key, long? expectedVersion = null, CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.MapRemove, (Name, key, version: expectedVersion ?? -1),
            static (frame, given) => frame.Text(given.Name).Int64(given.version).ShortBytes(given.key.Bytes.Span), cancellation)
            .ConfigureAwait(false);
        response.ThrowUnless(_text, ClientStatus.Conflict);
        return response.Status == ClientStatus.Ok;
    }

    /// <summary>Returns the entries whose keys start with a prefix, in the byte order of their keys.</summary>
    /// <param name="prefix">The prefix; empty for all keys.</param>
    /// <param name="after">The key after which to begin, for example the last key of an earlier scan; empty for the first.</param>
    /// <param name="cancellation">Cancels the scan.</param>
    /// <remarks>The host reads page by page. An entry that changes during the scan is returned once, in an old or a new state. Each page
    /// reads the whole map on the host, in about a tenth of a microsecond per entry.</remarks>
    /// <exception cref="EstreamClientException">The map does not exist, or the host could not be reached.</exception>
    public async IAsyncEnumerable<KeyedMapEntry> ScanAsync(
        MapKey prefix = default, MapKey after = default, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        bool hasMore = true;
        while (hasMore)
        {
            Response response = await _client.SendAsync(ClientOp.MapScan, (Name, prefix, after),
                static (frame, given) => frame.Text(given.Name).ShortBytes(given.prefix.Bytes.Span).ShortBytes(given.after.Bytes.Span),
                cancellation).ConfigureAwait(false);
            byte[] page = response.ThrowUnless(_text).Payload;
            hasMore = page[0] != 0;
            int offset = 1;
            while (offset < page.Length)
            {
                KeyedMapEntry entry = MapFrames.ReadKeyed(page, ref offset);
                after = entry.Key;
                yield return entry;
            }
        }
    }

    /// <summary>Returns the entry of a key now and after each change; <see langword="null"/> while the map does not have the key. Fast
    /// changes are combined: the newest entry is always returned, an earlier one perhaps not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <exception cref="EstreamClientException">The map does not exist, or the host could not be reached.</exception>
    public async IAsyncEnumerable<MapEntry?> WatchAsync(MapKey key, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        MapWatch watch = new(_client, Name, key);
        await using (watch.ConfigureAwait(false))
        {
            while (true)
            {
                yield return await watch.NextAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns who owns the map, and how old the content is that the host shows.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="EstreamClientException">The map does not exist, or the host could not be reached.</exception>
    public async ValueTask<RemoteMapInfo> GetInfoAsync(CancellationToken cancellation = default)
    {
        Response response = await _client.SendAsync(ClientOp.MapInfo, Name, static (frame, name) => frame.Text(name), cancellation)
            .ConfigureAwait(false);
        return MapFrames.ReadInfo(response.ThrowUnless(_text).Payload);
    }

    /// <summary>The name of the map, for messages.</summary>
    public override string ToString() => _text;

    private async ValueTask<MapChangeResult> ExchangeAsync(
        (string Name, MapKey Key, long Version, ReadOnlyMemory<byte> Expected, ReadOnlyMemory<byte> Value, long Ttl, byte Mode) change,
        CancellationToken cancellation)
    {
        Response response = await _client.SendAsync(ClientOp.MapCompareExchange, change,
            static (frame, given) => frame.Text(given.Name).Byte(given.Mode).Int64(given.Ttl).ShortBytes(given.Key.Bytes.Span)
                .Int64(given.Version).LongBytes(given.Expected.Span).Raw(given.Value.Span), cancellation).ConfigureAwait(false);
        response.ThrowUnless(_text, ClientStatus.Conflict);
        return new MapChangeResult(response.Status == ClientStatus.Ok, MapFrames.ReadVersion(response.Payload));
    }

    private static long Millis(TimeSpan? timeToLive)
    {
        if (timeToLive is not { } time)
        {
            return 0;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(1), nameof(timeToLive));
        return (long)time.TotalMilliseconds;
    }
}
