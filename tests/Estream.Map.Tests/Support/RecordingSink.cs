using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>An event that a sink has recorded.</summary>
internal sealed record RecordedChange(MapChangeKind Kind, byte[] Key, byte[] Value, long Version, long ExpiresAt);

/// <summary>A sink that records events and can be set to refuse them, before or after recording.</summary>
internal sealed class RecordingSink : IChangeSink
{
    public bool IsForOneWriter { get; init; }

    public List<RecordedChange> Events { get; } = [];

    public bool IsRefusing { get; set; }

    /// <summary>Whether a refused event is recorded nevertheless.</summary>
    public bool IsKeeping { get; set; }

    /// <summary>The only kind of event that is accepted, as if there were no space for others.</summary>
    public MapChangeKind? IsRefusingAllBut { get; set; }

    /// <summary>Called before an event is recorded or refused.</summary>
    public Action? OnEvent { get; set; }

    /// <summary>The number of requested flushes; they are refused if <see cref="IsRefusingFlush"/> is set.</summary>
    public int Flushes { get; private set; }

    public bool IsRefusingFlush { get; set; }

    public void Flush()
    {
        Flushes++;
        if (IsRefusingFlush)
        {
            throw new EstreamStorageException("The device of the events refuses.", "events", StorageFailure.Device);
        }
    }

    public void Append(in MapChange change)
    {
        OnEvent?.Invoke();
        if (IsRefusingAllBut is { } kind && change.Kind != kind)
        {
            throw new EstreamStorageException("No room.", "events", StorageFailure.DiskFull);
        }

        if (!IsRefusing || IsKeeping)
        {
            // Encodes and decodes the event, as for storage in a queue.
            byte[] bytes = new byte[change.EncodedBytes];
            change.Write(bytes);
            Assert.True(MapChange.TryRead(bytes, out MapChange read));
            lock (Events)
            {
                Events.Add(new RecordedChange(read.Kind, read.Key.ToArray(), read.Value.ToArray(), read.Version, read.ExpiresAt));
            }
        }

        if (IsRefusing)
        {
            throw new TimeoutException("Refused.");
        }
    }

    /// <summary>The map that results from replaying the events.</summary>
    public Dictionary<long, TValue> Replay<TValue>(Func<byte[], TValue> read)
    {
        Dictionary<long, TValue> map = [];
        foreach (RecordedChange change in Events)
        {
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    map.Clear();
                    break;
                case MapChangeKind.Put:
                    map[BitConverter.ToInt64(change.Key)] = read(change.Value);
                    break;
                default:
                    map.Remove(BitConverter.ToInt64(change.Key));
                    break;
            }
        }

        return map;
    }
}
