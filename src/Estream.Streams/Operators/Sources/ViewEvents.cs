using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>The messages of a schema that is known to the compiler, as views.</summary>
internal readonly struct ViewEvents<TView> : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) => Message.TryView(message.Payload, message.Position, out item);
}

/// <summary>The same, chosen by lattice and address, and opened by a reader with keys; those that are not chosen, or not for its audiences,
/// are passed.</summary>
internal readonly struct OpenedEvents<TView>(EsfUnsealer? reader, EsfMessageFilter? filter) : IMessageEvents<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    public bool TryTake(in QueueMessage message, out TView item) => OpenedMessage.TryView(reader, filter, message.Payload, message.Position, out item);
}
