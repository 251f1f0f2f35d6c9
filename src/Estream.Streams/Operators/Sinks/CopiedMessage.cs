using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>Copies an existing message. A message that may be stored unchanged, because it is sealed or has no private values, is copied
/// byte for byte.</summary>
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

    /// <summary>Returns the message of an event.</summary>
    protected abstract ReadOnlySpan<byte> MessageOf(scoped in T item);

    /// <summary>Returns the exception for a message that does not fit.</summary>
    protected abstract Exception TooLong(int length, int room);
}

/// <summary>Copies the message of a view.</summary>
internal sealed class CopiedView<TView>(int maxLength, SealingSpace? space) : CopiedMessage<TView>(maxLength, space)
    where TView : struct, IEsfView<TView>, allows ref struct
{
    protected override ReadOnlySpan<byte> MessageOf(scoped in TView item) => item.Bytes;

    protected override Exception TooLong(int length, int room) =>
        new ArgumentException(
            $"A message of {TView.Schema} has {length} bytes, but the maximum of this pipeline is {room}. Use a higher maxLength.");
}
