using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>The message that is there already. What may be stored as it is, sealed or without private values, is copied as it is.</summary>
internal abstract class CopiedMessage<T>(int maxLength, SealingSpace? space) : MessageMaker<T>(maxLength, space)
    where T : allows ref struct
{
    public sealed override int Make(scoped in T item, Span<byte> place) =>
        Sealed is null || EsfValidator.CheckStored(Sealed, MessageOf(in item)).IsOk ? Write(in item, place) : base.Make(in item, place);

    protected sealed override int Write(scoped in T item, Span<byte> place)
    {
        ReadOnlySpan<byte> message = MessageOf(in item);
        if (!message.TryCopyTo(place))
        {
            throw TooLong(message.Length, place.Length);
        }

        return message.Length;
    }

    /// <summary>The message of an event.</summary>
    protected abstract ReadOnlySpan<byte> MessageOf(scoped in T item);

    /// <summary>What is said of one that has no room.</summary>
    protected abstract Exception TooLong(int length, int room);
}

/// <summary>The message that a view is of.</summary>
internal sealed class CopiedView<TView>(int maxLength, SealingSpace? space) : CopiedMessage<TView>(maxLength, space)
    where TView : struct, IEsfView<TView>, allows ref struct
{
    protected override ReadOnlySpan<byte> MessageOf(scoped in TView item) => item.Bytes;

    protected override Exception TooLong(int length, int room) =>
        new ArgumentException(
            $"A message of {TView.Schema} has {length} bytes, and this pipeline was told of {room} at most: give it a higher maxLength.");
}
