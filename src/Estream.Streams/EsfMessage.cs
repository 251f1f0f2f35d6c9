using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams;

/// <summary>A message of a schema in place in the log (no copy). Valid until the tailer that returned it reads on, seeks or is
/// disposed.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfMessage<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly QueueMessage _message;

    internal EsfMessage(TView view, QueueMessage message)
    {
        View = view;
        _message = message;
    }

    /// <summary>The fields of the message. Reading a field that refers to bytes outside the message throws.</summary>
    public TView View { get; }

    /// <inheritdoc cref="QueueMessage.Position"/>
    public long Position => _message.Position;

    /// <inheritdoc cref="QueueMessage.Sequence"/>
    public long Sequence => _message.Sequence;

    /// <inheritdoc cref="QueueMessage.Time"/>
    public long Time => _message.Time;
}
