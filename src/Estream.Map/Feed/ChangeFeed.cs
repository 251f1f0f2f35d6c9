using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Publishes the changes of a map to a sink, from typed keys and values.</summary>
internal abstract class ChangeFeed<TKey, TValue>(IChangeSink sink)
    where TKey : unmanaged
    where TValue : unmanaged
{
    protected IChangeSink Sink { get; } = sink;

    public abstract void Put(ref readonly TKey key, ref readonly TValue value);

    public void Remove(ref readonly TKey key, MapChangeKind kind) => Sink.Append(new MapChange(kind, RawValue.AsBytes(in key), default));

    public void Flush() => Sink.Flush();

    public void Clear() => Sink.Append(new MapChange(MapChangeKind.Clear, default, default));
}

/// <summary>The feed of a map without versions.</summary>
internal sealed class PlainFeed<TKey, TValue>(IChangeSink sink) : ChangeFeed<TKey, TValue>(sink)
    where TKey : unmanaged
    where TValue : unmanaged
{
    public static PlainFeed<TKey, TValue>? To(IChangeSink? sink) => sink is null ? null : new PlainFeed<TKey, TValue>(sink);

    public override void Put(ref readonly TKey key, ref readonly TValue value) =>
        Sink.Append(new MapChange(MapChangeKind.Put, RawValue.AsBytes(in key), RawValue.AsBytes(in value)));
}

/// <summary>The feed of a map with versions.</summary>
internal sealed class VersionedFeed<TKey, TValue>(IChangeSink sink) : ChangeFeed<TKey, VersionedValue<TValue>>(sink)
    where TKey : unmanaged
    where TValue : unmanaged
{
    public static VersionedFeed<TKey, TValue>? To(IChangeSink? sink) => sink is null ? null : new VersionedFeed<TKey, TValue>(sink);

    public override void Put(ref readonly TKey key, ref readonly VersionedValue<TValue> value) =>
        Sink.Append(
            new MapChange(MapChangeKind.Put, RawValue.AsBytes(in key), RawValue.AsBytes(in value.Value), value.Version, value.ExpiresAt));
}
