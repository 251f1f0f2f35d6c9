using Estream.Esf;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>A message that a delegate writes.</summary>
/// <param name="maxLength">The most bytes of it before it is sealed.</param>
/// <param name="write">Writes it.</param>
/// <param name="space">Seals it, where its schema has private fields.</param>
/// <param name="mayLeaveOut">Whether the delegate leaves one out by leaving nothing in the writer.</param>
internal sealed class WrittenMessage<T, TWriter>(int maxLength, EventWriter<T, TWriter> write, SealingSpace? space, bool mayLeaveOut = false) : MessageMaker<T>(maxLength, space)
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    protected override int Write(scoped in T item, Span<byte> place)
    {
        TWriter writer = TWriter.Begin(place);
        write(in item, ref writer);
        return mayLeaveOut && writer.Written.IsEmpty ? 0 : Message.LengthOf(in writer, place);
    }
}
