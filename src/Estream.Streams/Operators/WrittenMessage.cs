using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>A message that a delegate writes.</summary>
internal sealed class WrittenMessage<T, TWriter>(int maxLength, EventWriter<T, TWriter> write, SealingSpace? space) : MessageMaker<T>(maxLength, space)
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    protected override int Write(scoped in T item, Span<byte> place)
    {
        TWriter writer = TWriter.Begin(place);
        write(in item, ref writer);
        return Message.LengthOf(in writer, place);
    }
}
