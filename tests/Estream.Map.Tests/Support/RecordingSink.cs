using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>What a sink got, kept.</summary>
internal sealed record RecordedChange(MapChangeKind Kind, byte[] Key, byte[] Value, long Version, long ExpiresAt);

/// <summary>A sink that keeps what it gets, and refuses it if it is told to, before or after it has kept it.</summary>
internal sealed class RecordingSink : IChangeSink
{
    public bool IsForOneWriter { get; init; }

    public List<RecordedChange> Events { get; } = [];

    public bool IsRefusing { get; set; }

    /// <summary>Whether what is refused is kept all the same.</summary>
    public bool IsKeeping { get; set; }

    /// <summary>The only kind that is not refused, as if there were no room for others.</summary>
    public MapChangeKind? IsRefusingAllBut { get; set; }

    /// <summary>Called before an event is kept or refused.</summary>
    public Action? OnEvent { get; set; }

    /// <summary>How often it was asked to bring its events to the device; refused when <see cref="IsRefusingFlush"/>.</summary>
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
            // As it lies in a queue.
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

    /// <summary>What the events give to who does what they say.</summary>
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
