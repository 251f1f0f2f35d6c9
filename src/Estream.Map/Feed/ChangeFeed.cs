using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Tells a sink of the changes of a map, in the user's terms.</summary>
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

/// <summary>Of a map whose values are the user's.</summary>
internal sealed class PlainFeed<TKey, TValue>(IChangeSink sink) : ChangeFeed<TKey, TValue>(sink)
    where TKey : unmanaged
    where TValue : unmanaged
{
    public static PlainFeed<TKey, TValue>? To(IChangeSink? sink) => sink is null ? null : new PlainFeed<TKey, TValue>(sink);

    public override void Put(ref readonly TKey key, ref readonly TValue value) =>
        Sink.Append(new MapChange(MapChangeKind.Put, RawValue.AsBytes(in key), RawValue.AsBytes(in value)));
}

/// <summary>Of a map whose values have stamps.</summary>
internal sealed class StampedFeed<TKey, TValue>(IChangeSink sink) : ChangeFeed<TKey, Stamped<TValue>>(sink)
    where TKey : unmanaged
    where TValue : unmanaged
{
    public static StampedFeed<TKey, TValue>? To(IChangeSink? sink) => sink is null ? null : new StampedFeed<TKey, TValue>(sink);

    public override void Put(ref readonly TKey key, ref readonly Stamped<TValue> value) =>
        Sink.Append(new MapChange(MapChangeKind.Put, RawValue.AsBytes(in key), RawValue.AsBytes(in value.Value), value.Version, value.ExpiresAt));
}
