using System.Text.Json;
using Estream.Client;
using Estream.Host.Runtime;

namespace Estream.Host.Remote;

/// <summary>
/// Sends the first entries of a map in the order of their keys as JSON lines, then their changes. Compares versions four times a second;
/// looks for new keys as often, and less often in a map whose scan takes long.
/// </summary>
internal sealed class TableSubscription : LineSubscription
{
    private const int MaxEntries = 1000;

    // Scans may take a twentieth of the time.
    private const int ScanShare = 20;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longScan = TimeSpan.FromMilliseconds(2);

    private readonly IRemoteMap _map;
    private readonly RemoteParts _parts;

    // The versions that the client has.
    private readonly Dictionary<byte[], long> _sent = new(KeyComparer.Instance);
    private byte[][] _keys = [];
    private long _scanned;
    private TimeSpan _scanTime = TimeSpan.MaxValue;

    /// <param name="session">The connection.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="request">What the client subscribed to.</param>
    /// <param name="credit">The number of bytes that may be sent.</param>
    /// <param name="map">The map.</param>
    /// <param name="parts">The parts of the host.</param>
    public TableSubscription(RemoteSession session, uint id, StreamRequest request, long credit, IRemoteMap map, RemoteParts parts)
        : base(session, id, request, credit) => (_map, _parts) = (map, parts);

    protected override async Task SendAllAsync()
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            await WaitForCreditAsync().ConfigureAwait(false);
            await ScanIfDueAsync().ConfigureAwait(false);
            await SendChangesAsync(isFirst).ConfigureAwait(false);
            Lines.Trim();
            await WaitForNextRoundAsync(s_interval).ConfigureAwait(false);
        }
    }

    private async ValueTask ScanIfDueAsync()
    {
        if (_scanTime != TimeSpan.MaxValue && TimeProvider.System.GetElapsedTime(_scanned) < ScanShare * _scanTime)
        {
            return;
        }

        using ScanTurns.Turn turn = await Session.Scans.EnterAsync(Session.Identity!.Name, End).ConfigureAwait(false);
        long start = TimeProvider.System.GetTimestamp();
        if (_scanTime > s_longScan)
        {
            // A scan of a large map would keep a thread of the pool from other work.
            await Task.Factory.StartNew(Scan, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
        else
        {
            Scan();
        }

        (_scanned, _scanTime) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetElapsedTime(start));
    }

    private void Scan()
    {
        KeySelection keys = new(ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty, MaxEntries);
        _map.Visit(key =>
        {
            End.ThrowIfCancellationRequested();
            keys.Consider(key);
        });
        _keys = keys.Take();
    }

    /// <summary>Sends the changed entries. Over the rate, the rest follows later. The first entries have no rate.</summary>
    private async ValueTask SendChangesAsync(bool isFirst)
    {
        // A reload of the configuration may have replaced the rights.
        if (!_parts.Access.MayReadMap(Session.Identity!, Request.Pattern.Table!))
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden,
                QueueAccess.WhyNot(Session.Identity!, "read", "map", Request.Pattern.Table!));
        }

        Queue<byte[]> changed = new(Changed());
        bool isEmpty = isFirst && changed.Count == 0;
        while (changed.Count > 0 || isEmpty)
        {
            await WaitForCreditAsync().ConfigureAwait(false);
            int most = isFirst ? int.MaxValue : Pace.Available;
            if (most == 0)
            {
                return;
            }

            int sent = await SendFrameAsync(() => Fill(changed, most), mayBeEmpty: isEmpty).ConfigureAwait(false);
            Pace.Take(isFirst ? 0 : sent);
            isEmpty = false;
        }
    }

    private List<byte[]> Changed()
    {
        HashSet<byte[]> present = new(_keys, KeyComparer.Instance);
        List<byte[]> changed = [.. _sent.Keys.Where(key => !present.Contains(key))];
        changed.AddRange(_keys.Where(key => _map.Find(key).Version != _sent.GetValueOrDefault(key)));
        return changed;
    }

    private ValueTask Fill(Queue<byte[]> changed, int most)
    {
        HashSet<byte[]> present = new(_keys, KeyComparer.Instance);
        while (Lines.Count < most && Lines.Length < FullBytes && changed.TryDequeue(out byte[]? key))
        {
            Add(key, present.Contains(key));
        }

        return default;
    }

    private void Add(byte[] key, bool isPresent)
    {
        Utf8JsonWriter writer = Lines.BeginLine();
        EntryKey.Write(key, writer);
        long version = isPresent ? _map.WriteMembers(writer, key, _parts.Json, MaxMessageBytes, _parts.Clock.UtcNanos) : 0;
        if (version != 0)
        {
            _sent[key] = version;
        }
        else if (_sent.Remove(key))
        {
            writer.WriteBoolean("removed"u8, true);
        }
        else
        {
            Lines.RemoveLine();
            return;
        }

        if (!TryEndLine(out string? reason))
        {
            writer = Lines.BeginLine();
            EntryKey.Write(key, writer);
            writer.WriteNumber("version"u8, version);
            MessageJson.WriteError(writer, "", [], reason);
            _ = TryEndLine(out _);
        }
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] key)
        {
            HashCode hash = default;
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
