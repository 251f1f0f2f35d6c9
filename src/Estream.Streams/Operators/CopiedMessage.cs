using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>The message that is there already. One whose private fields are sealed stays sealed.</summary>
internal sealed class CopiedMessage<TView>(int maxLength, SealingSpace? space) : MessageMaker<TView>(maxLength, space)
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public override int Make(scoped in TView item, Span<byte> place) =>
        EsfMessageHeader.TryRead(item.Bytes, out EsfMessageHeader header) && header.IsSealed ? Write(in item, place) : base.Make(in item, place);

    protected override int Write(scoped in TView item, Span<byte> place)
    {
        ReadOnlySpan<byte> message = item.Bytes;
        if (message.Length > place.Length)
        {
            throw new ArgumentException($"A message of {TView.Schema} has {message.Length} bytes, and this pipeline was told of {place.Length} at most: give it a higher maxLength.");
        }

        message.CopyTo(place);
        return message.Length;
    }
}
